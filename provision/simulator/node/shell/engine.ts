import { Bash, bytesOutput, unsafeBytesFromLatin1, latin1FromBytes } from 'just-bash';
import type { Command } from 'just-bash';

import type { Tool, ToolResult } from '../../programs/program.ts';
import { resolvePath } from '../files/paths.ts';
import {
  SCRIPT_LIMIT_COMMANDS,
  SCRIPT_LIMIT_LIVE_BYTES,
  SCRIPT_LIMIT_MS,
  SCRIPT_LIMIT_OUTPUT_BYTES,
  STDIN_LIMIT_BYTES,
} from '../limits.ts';
import { ADJUSTED_COMMANDS } from './adjusted-commands.ts';
import type { ShellContainer } from './container.ts';
import type { OutputSink } from './shell-file-system.ts';
import { ShellFileSystem } from './shell-file-system.ts';
import { streamed } from './streamed.ts';
import { BUILTINS, SEARCH_PATH, UTILITIES } from './utilities.ts';

/** How long an interrupted command may take to end by itself. */
const LAST_WORDS_MS = 300;

/** State of a shell that goes from one line typed to the next. */
export interface ShellState {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

export interface ScriptOptions {
  readonly stdin: Buffer;
  readonly signal: AbortSignal;
  /** Where the last line of an interactive shell left off; the container's own environment without it. */
  readonly state?: ShellState;
}

export interface ScriptResult {
  readonly exitCode: number;
  readonly state: ShellState;
}

/** Runs shell scripts in one container; what they write goes to the sink as their commands end. */
export class ShellEngine {
  readonly #container: ShellContainer;
  readonly #sink: OutputSink;
  readonly #hasTerminal: boolean;
  readonly #pid: number;
  #signal: AbortSignal = new AbortController().signal;
  /** Commands that have been started and have not said all they have to say. */
  readonly #unfinished = new Set<Promise<ToolResult>>();

  constructor(container: ShellContainer, sink: OutputSink, { hasTerminal = false, pid = 7 } = {}) {
    this.#hasTerminal = hasTerminal;
    this.#pid = pid;
    this.#container = container;
    this.#sink = sink;
  }

  /** Runs `script`; never rejects: an interrupted one gives 130. */
  async run(script: string, options: ScriptOptions): Promise<ScriptResult> {
    const state = options.state ?? this.initialState();
    this.#signal = options.signal;
    try {
      const result = await this.#bash(state).exec(script, {
        rawScript: true,
        stdin: options.stdin.toString('latin1'),
        stdinKind: 'bytes',
        signal: options.signal,
      });
      if (options.signal.aborted) return await this.#interrupted(state);
      if (result.stdout) await this.#sink.stdout(outputBytes(result));
      if (result.stderr) await this.#sink.stderr(Buffer.from(result.stderr));
      return { exitCode: result.exitCode, state: stateAfter(result.env, state) };
    } catch (error) {
      if (options.signal.aborted) return await this.#interrupted(state);
      const reason = error instanceof Error ? error.message : 'stopped';
      await this.#sink.stderr(Buffer.from(`sh: ${reason}\n`));
      return { exitCode: 2, state };
    }
  }

  /** What a command had to say before it was interrupted is output too (`fortio load`, `nc`). */
  async #interrupted(state: ShellState): Promise<ScriptResult> {
    const late = Promise.withResolvers<undefined>();
    using timer = this.#container.clock.after(LAST_WORDS_MS, () => late.resolve(undefined));
    void timer;
    for (const command of this.#unfinished) {
      const result = await Promise.race([command.catch(() => undefined), late.promise]);
      if (result && result.stdout.length > 0) await this.#sink.stdout(Buffer.from(result.stdout));
      if (result?.stderr) await this.#sink.stderr(Buffer.from(result.stderr));
    }
    this.#unfinished.clear();
    return { exitCode: 130, state };
  }

  initialState(): ShellState {
    const { env, hostname, user, workingDir } = this.#container;
    const home = user.uid === 0 ? '/root' : `/home/${user.name}`;
    return {
      env: {
        PATH: SEARCH_PATH,
        HOME: home,
        HOSTNAME: hostname,
        PWD: workingDir,
        SHLVL: '1',
        ...env,
      },
      workingDir,
    };
  }

  /** A shell with these variables; made anew for each script, because the engine exports only what it is made with. */
  #bash(state: ShellState): Bash {
    const container = this.#container;
    const bash = new Bash({
      fs: new ShellFileSystem(container.files, this.#sink),
      cwd: state.workingDir,
      env: { ...state.env },
      commands: [...UTILITIES, ...BUILTINS, ...(container.hasBash ? (['bash'] as const) : [])],
      customCommands: [
        ...[...container.tools].map(([name, tool]) => this.#command(name, tool)),
        ...ADJUSTED_COMMANDS,
      ],
      executionLimits: {
        maxCommandCount: SCRIPT_LIMIT_COMMANDS,
        maxLoopIterations: SCRIPT_LIMIT_COMMANDS,
        maxWorkUnits: SCRIPT_LIMIT_COMMANDS * 100,
        maxOutputSize: SCRIPT_LIMIT_OUTPUT_BYTES,
        maxInputBytes: STDIN_LIMIT_BYTES,
        maxLiveBytes: SCRIPT_LIMIT_LIVE_BYTES,
        maxStringLength: SCRIPT_LIMIT_LIVE_BYTES,
        maxExecutionTimeMs: SCRIPT_LIMIT_MS,
      },
      // It replaces globals of the whole process while a script runs, which all other clusters share. The engine
      // interprets; nothing a learner types becomes JavaScript.
      defenseInDepth: false,
      processInfo: { pid: this.#pid, ppid: 0, uid: container.user.uid, gid: container.user.uid },
    });
    bash.registerTransformPlugin({
      name: 'stream-output',
      transform: ({ ast }) => ({ ast: streamed(ast) }),
    });
    return bash;
  }

  #command(name: string, tool: Tool): Command {
    return {
      name,
      execute: async (args, context) => {
        const { pod, network, clock, random, files, processes } = this.#container;
        const work = tool(args, {
          pod,
          network,
          clock,
          random,
          env: context.exportedEnv ?? Object.fromEntries(context.env),
          workingDir: context.cwd,
          stdin: Buffer.from(latin1FromBytes(context.stdin), 'latin1'),
          signal: context.signal ?? this.#signal,
          hasTerminal: this.#hasTerminal,
          processes,
          files: {
            readText: (path) => files.readText(resolvePath(context.cwd, path)),
            write: (path, content) => files.write(resolvePath(context.cwd, path), content),
          },
        });
        this.#unfinished.add(work);
        const result = await work;
        if (!this.#signal.aborted) this.#unfinished.delete(work);
        const stdout = Buffer.from(result.stdout).toString('latin1');
        return {
          ...bytesOutput(unsafeBytesFromLatin1(stdout)),
          stderr: result.stderr,
          exitCode: result.exitCode,
        };
      },
    };
  }
}

function outputBytes(result: { stdout: string; stdoutKind?: 'text' | 'bytes' }): Buffer {
  return Buffer.from(result.stdout, result.stdoutKind === 'bytes' ? 'latin1' : 'utf8');
}

/** Variables that the engine sets anew for each script. */
const OWN_VARIABLES: ReadonlySet<string> = new Set([
  '?',
  'IFS',
  'OPTIND',
  'OSTYPE',
  'MACHTYPE',
  'HOSTTYPE',
  'SHELLOPTS',
  'BASHOPTS',
]);

function stateAfter(env: Record<string, string>, before: ShellState): ShellState {
  const kept = Object.entries(env).filter(([name]) => !OWN_VARIABLES.has(name));
  return { env: Object.fromEntries(kept), workingDir: env['PWD'] ?? before.workingDir };
}
