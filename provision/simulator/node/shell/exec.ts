import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Readable, Writable } from 'node:stream';

import { ApiError } from '../../client/api-error.ts';
import type { ExecOptions, ExecProcess } from '../kubelet.ts';
import { SCRIPT_ARRIVAL_MS, STDIN_LIMIT_BYTES } from '../limits.ts';
import { inBusyboxWords } from './busybox-words.ts';
import { resolveCommand, type Invocation } from './command-line.ts';
import type { ShellContainer } from './container.ts';
import { ShellEngine } from './engine.ts';
import { interact, type LineSource } from './interactive.ts';
import { PipedLines } from './piped-lines.ts';
import { readsStdin } from './reads-stdin.ts';
import type { OutputSink } from './shell-file-system.ts';
import { Terminal } from './terminal/terminal.ts';

/** A command line that gives back what it gets. */
const ONLY_CAT = /^'?(?:\/bin\/)?cat'?(?: -)?$/;

/**
 * Starts a command in a container, as a container runtime's exec does.
 * @throws ApiError 500 in containerd's words when there is no such executable
 */
export function startProcess(container: ShellContainer, options: ExecOptions): ExecProcess {
  const { command } = options;
  const invocation = resolveCommand(command, container, container.workingDir);
  if (invocation.type === 'refused') throw startFailure(invocation.message, container.random);
  return new ContainerProcess(container, options, invocation);
}

function startFailure(message: string, random: () => number): ApiError {
  const id = Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
  const why = `failed to exec in container: failed to start exec "${id}": ${message}`;
  return new ApiError(
    500,
    'InternalError',
    `Internal error occurred: error executing command in container: ${why}`,
  );
}

type StartableInvocation = Exclude<Invocation, { readonly type: 'refused' }>;

class ContainerProcess implements ExecProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<number>;
  readonly #input = new PassThrough();
  readonly #output = new PassThrough();
  readonly #errors = new PassThrough();
  readonly #container: ShellContainer;
  readonly #options: ExecOptions;
  readonly #ended = new AbortController();
  readonly #invocation: StartableInvocation;
  #terminal: Terminal | undefined;

  constructor(container: ShellContainer, options: ExecOptions, invocation: StartableInvocation) {
    this.#container = container;
    this.#invocation = invocation;
    this.#options = options;
    this.stdin = this.#input;
    this.stdout = this.#output;
    this.stderr = this.#errors;
    this.exited = this.#run();
  }

  resize(columns: number): void {
    this.#terminal?.resize(columns);
  }

  kill(): void {
    this.#ended.abort(new Error('The command was ended'));
    // Who waits for input waits no longer.
    this.#input.end();
  }

  async #run(): Promise<number> {
    // Nothing may have read from the streams yet; the caller gets them before the first byte.
    await Promise.resolve();
    const { command, isTty } = this.#options;
    let signalNumber = 9;
    using process = this.#container.processes.start({
      command: command.join(' '),
      user: this.#container.user.name,
      onSignal: (number) => {
        signalNumber = number;
        this.kill();
      },
    });
    if (isTty) this.#terminal = new Terminal(this.#input, (text) => void this.#output.write(text));
    const exitCode = await this.#execute(process.pid);
    this.#output.end();
    this.#errors.end();
    this.#input.destroy();
    return this.#ended.signal.aborted ? 128 + signalNumber : exitCode;
  }

  async #execute(pid: number): Promise<number> {
    const invocation = this.#invocation;
    const engine = new ShellEngine(this.#container, this.#sink(), {
      hasTerminal: this.#options.isTty,
      pid,
    });
    if (invocation.type === 'script') return this.#script(engine, invocation.text);
    if (this.#terminal) return this.#interact(engine, invocation.name, this.#terminal);
    if (!this.#options.hasStdin) return 0;
    const lines = new PipedLines(this.#input);
    if (!(await this.#isComplete(lines))) return this.#interact(engine, invocation.name, lines);
    return this.#script(engine, lines.takeAll().toString(), Buffer.alloc(0));
  }

  #interact(engine: ShellEngine, shell: string, terminal: LineSource): Promise<number> {
    const container = this.#container;
    return interact({ container, engine, terminal, shell, signal: this.#ended.signal });
  }

  /** Whether all of the input is there soon: then it is a script, else somebody goes on writing. */
  async #isComplete(lines: PipedLines): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    using timer = this.#container.clock.after(SCRIPT_ARRIVAL_MS, () => late.resolve(false));
    void timer;
    return await Promise.race([late.promise, lines.ended.then(() => true)]);
  }

  /** @param given standard input, when it is known; else it is read if the script reads it */
  async #script(engine: ShellEngine, text: string, given?: Buffer): Promise<number> {
    if (ONLY_CAT.test(text) && this.#options.hasStdin && !this.#terminal && !given) {
      return this.#passOn();
    }
    const interrupted = new AbortController();
    using running = this.#terminal?.whileRunning(() => interrupted.abort());
    void running;
    const signal = AbortSignal.any([interrupted.signal, this.#ended.signal]);
    const readsInput = !given && this.#options.hasStdin && readsStdin(text);
    // What nobody reads must not hold up those who send it.
    if (!readsInput && !this.#terminal) this.#input.resume();
    const stdin = readsInput ? await this.#readInput(signal) : (given ?? Buffer.alloc(0));
    const { exitCode } = await engine.run(text, { stdin, signal });
    return interrupted.signal.aborted ? 130 : exitCode;
  }

  /** What `cat` does: the engine would wait for the end of its input, which may be long in coming. */
  async #passOn(): Promise<number> {
    for await (const bytes of this.#input) {
      if (this.#ended.signal.aborted) break;
      await write(this.#output, bytes, this.#ended.signal);
    }
    return 0;
  }

  #readInput(signal: AbortSignal): Promise<Buffer> {
    return this.#terminal ? this.#terminal.readInput(signal) : readAll(this.#input, signal);
  }

  #sink(): OutputSink {
    const { isTty } = this.#options;
    if (!isTty) {
      return {
        stdout: (bytes) => write(this.#output, bytes, this.#ended.signal),
        stderr: (bytes) => write(this.#errors, this.#asShell(bytes), this.#ended.signal),
      };
    }
    const toTerminal = (bytes: Buffer) =>
      write(this.#output, withCarriageReturns(bytes), this.#ended.signal);
    return { stdout: toTerminal, stderr: (bytes) => toTerminal(this.#asShell(bytes)) };
  }

  /** The engine speaks as bash; images without it have BusyBox' sh. */
  #asShell(bytes: Buffer): Buffer {
    return this.#container.hasBash ? bytes : Buffer.from(inBusyboxWords(bytes.toString()));
  }
}

async function readAll(input: Readable, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of input.iterator({ destroyOnReturn: false })) {
      if (signal.aborted) break;
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      size += chunk.length;
      if (size > STDIN_LIMIT_BYTES) break;
    }
  } catch {
    // The client went away; what it had sent is all there is.
  }
  return Buffer.concat(chunks);
}

/** Waits for the reader when it is behind, so that an endless command cannot fill the memory. */
async function write(stream: PassThrough, bytes: Buffer, signal: AbortSignal): Promise<void> {
  if (stream.destroyed || stream.write(bytes) || signal.aborted) return;
  await once(stream, 'drain', { signal }).catch(() => undefined);
}

function withCarriageReturns(bytes: Buffer): Buffer {
  if (!bytes.includes(10)) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1');
}
