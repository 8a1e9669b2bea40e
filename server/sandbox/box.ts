import { fileURLToPath } from 'node:url';

import type { TerminalSize } from '#protocol';

import type { Cgroup } from './cgroup.ts';
import type { Holder } from './holder.ts';
import { ADDRESS_SPACE_KIB, OPEN_FILES } from './limits.ts';
import { listenInside } from './listen.ts';
import { PtyProcess } from './pty-process.ts';
import { runForBytes, runProgram, type Spawning } from './run-program.ts';
import type {
  BytesResult,
  ListenAddress,
  ListenResult,
  RunOptions,
  RunResult,
  Sandbox,
  TerminalProcess,
} from './sandbox.ts';
import { SHELL_FILE, shellCommand } from './shell-command.ts';

const SHELL = shellCommand(`/etc/${SHELL_FILE}`);
const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));

/** What a box is entered with. */
export interface BoxSetup {
  /** bwrap's arguments, separated by NUL. */
  readonly argumentsFile: string;
  /** The compiled filter of system calls. */
  readonly filterFile: string;
  /** Node and the script that listens inside, readable by the learner's uid. */
  readonly node: string;
  readonly listenHelper: string;
  /** undefined where this kernel counts processes of other programs too. */
  readonly processes: number | undefined;
  readonly cgroup: Cgroup | undefined;
  /** Told once, when nothing of the box is left. */
  readonly onEnd: () => void;
}

/** A learner's box: namespaces held by a holder, entered anew through bwrap for each program. */
export class Box implements Sandbox {
  readonly mode = 'bwrap';
  readonly #holder: Holder;
  readonly #setup: BoxSetup;
  readonly #terminals = new Set<PtyProcess>();
  readonly #runs = new Set<Promise<unknown>>();
  readonly #ending = new AbortController();

  constructor(holder: Holder, setup: BoxSetup) {
    this.#holder = holder;
    this.#setup = setup;
  }

  open(size: TerminalSize, options: Parameters<Sandbox['open']>[1] = {}): TerminalProcess {
    this.#ending.signal.throwIfAborted();
    const command = withEnvironment(options.command ?? SHELL, options.env);
    // A shell reads its nonce even when nobody wants its marks.
    const nonce = options.command ? {} : { NONCE: options.nonce ?? 'none' };
    const env = { ...this.#environment(), ...nonce };
    const args = [ENTER, ...command];
    const terminal = new PtyProcess({ file: '/bin/bash', args, env, cwd: '/', size });
    this.#terminals.add(terminal);
    terminal.onExit(() => this.#terminals.delete(terminal));
    return terminal;
  }

  run(options: RunOptions): Promise<RunResult> {
    return this.#untilEnd((signal) => runProgram(this.#entry(options, signal), options));
  }

  runBytes(options: RunOptions & { readonly outputBytes: number }): Promise<BytesResult> {
    return this.#untilEnd((signal) =>
      runForBytes(this.#entry(options, signal), { ...options, beyond: 'end' }),
    );
  }

  listen(addresses: readonly ListenAddress[]): Promise<readonly ListenResult[]> {
    const { node, listenHelper } = this.#setup;
    return listenInside(this.#holder, { node, script: listenHelper }, addresses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#terminals].map((terminal) => terminal.kill()));
    await Promise.allSettled(this.#runs);
    await this.#holder[Symbol.asyncDispose]();
    await this.#setup.cgroup?.[Symbol.asyncDispose]();
    this.#setup.onEnd();
  }

  /** Runs what is ended, and waited for, with the box. */
  async #untilEnd<R>(run: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const { signal } = this.#ending;
    signal.throwIfAborted();
    const running = run(signal);
    this.#runs.add(running);
    try {
      return await running;
    } finally {
      this.#runs.delete(running);
    }
  }

  #entry({ command, env }: RunOptions, signal: AbortSignal): Spawning {
    const args = [ENTER, ...withEnvironment(command, env)];
    return { file: '/bin/bash', args, env: this.#environment(), cwd: '/', signal };
  }

  /** For enter.sh; nothing of it reaches the box. */
  #environment(): Record<string, string> {
    const { argumentsFile, filterFile, processes, cgroup } = this.#setup;
    const { hostUid } = this.#holder;
    return {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOLDER: String(this.#holder.pid),
      ARGS: argumentsFile,
      SECCOMP: filterFile,
      ADDRESS_SPACE: String(ADDRESS_SPACE_KIB),
      OPEN_FILES: String(OPEN_FILES),
      ...(processes !== undefined && { PROCESSES: String(processes) }),
      ...(cgroup && { PROCS: cgroup.procs.join(':') }),
      ...(hostUid !== undefined && { HUID: String(hostUid) }),
    };
  }
}

/** bwrap sets the environment of the box; more of it is added by `env` inside. */
function withEnvironment(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): readonly string[] {
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? command : ['/usr/bin/env', ...pairs, ...command];
}
