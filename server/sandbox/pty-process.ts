import { setTimeout as delay } from 'node:timers/promises';

import { type IPty, spawn } from 'node-pty';

import type { TerminalSize } from '#protocol';

import { InputWriter } from './input-writer.ts';
import { isRunning } from './is-running.ts';
import { EXIT_LOOK_MS, KILL_STEP_MS } from './limits.ts';
import type { TerminalProcess } from './sandbox.ts';

/** A program to start on a new pseudo terminal. */
export interface PtyRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly size: TerminalSize;
}

/** node-pty's own types leave out what it has on Unix. */
interface OpenPty extends IPty {
  readonly fd?: number;
  on?(event: 'close', listener: () => void): void;
}

/** A program on a pseudo terminal of node-pty, with bytes instead of strings and an input that never spins. */
export class PtyProcess implements TerminalProcess {
  readonly #pty: OpenPty;
  readonly #input: InputWriter;
  readonly #exited: Promise<void>;
  #hasExited = false;
  /** The descriptor's number may be something else's by now. */
  #isClosed = false;
  #exitLook: NodeJS.Timeout | undefined;

  /** @throws Error when no pseudo terminal can be had */
  constructor({ file, args, env, cwd, size }: PtyRequest) {
    this.#pty = spawn(file, [...args], {
      name: 'xterm-256color',
      cols: size.columns,
      rows: size.rows,
      cwd,
      env,
      // Bytes as bytes: offsets stay exact and split characters are joined by the emulator.
      encoding: null,
    });
    this.#input = new InputWriter(this.#pty.fd ?? -1);
    // Comes before the news of an exit, and without any from a program that closes its terminal and lives on.
    this.#pty.on?.('close', () => {
      this.#isClosed = true;
      this.#input[Symbol.dispose]();
    });
    this.#exited = new Promise((resolve) => {
      this.#pty.onExit(() => {
        this.#hasExited = true;
        this.#input[Symbol.dispose]();
        clearInterval(this.#exitLook);
        resolve();
      });
    });
  }

  /** Settles when the program has ended and its output has been read. */
  get exited(): Promise<void> {
    return this.#exited;
  }

  onData(listener: (data: Buffer) => void): void {
    this.#pty.onData((data: string | Buffer) =>
      listener(typeof data === 'string' ? Buffer.from(data) : data),
    );
  }

  /** Told after the last output. */
  onExit(listener: (exit: { readonly code: number; readonly signal?: number }) => void): void {
    this.#pty.onExit(({ exitCode, signal }) =>
      listener({ code: exitCode, ...(signal !== undefined && signal !== 0 && { signal }) }),
    );
  }

  write(data: string | Uint8Array): boolean {
    return this.#input.push(Buffer.from(data));
  }

  inputBelow(bytes: number): Promise<void> {
    return this.#input.below(bytes);
  }

  resize({ columns, rows }: TerminalSize): void {
    if (this.#hasExited || this.#isClosed) return;
    try {
      this.#pty.resize(columns, rows);
    } catch (error) {
      // Between the end of the program and the news of it the descriptor is closed; that is nobody's mistake.
      if (!/EBADF|ENOTTY|exited/.test(String(error))) throw error;
    }
  }

  pause(): void {
    if (this.#hasExited || this.#exitLook) return;
    this.#pty.pause();
    this.#exitLook = setInterval(() => {
      if (!isRunning(this.#pty.pid)) this.resume();
    }, EXIT_LOOK_MS);
  }

  resume(): void {
    clearInterval(this.#exitLook);
    this.#exitLook = undefined;
    if (!this.#hasExited) this.#pty.resume();
  }

  /** Each rung is tried only while the program lives: after its exit the pid may be somebody else's. */
  async kill(): Promise<void> {
    this.resume();
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGKILL'] as const) {
      if (this.#hasExited) return;
      this.#signal(signal);
      // A stopped program would take note of nothing.
      this.#signal('SIGCONT');
      if (signal === 'SIGKILL') continue;
      await Promise.race([this.#exited, delay(KILL_STEP_MS, undefined, { ref: false })]);
    }
    await this.#exited;
  }

  /** node-pty has made the program the leader of a group of its own. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#hasExited) return;
    try {
      process.kill(-this.#pty.pid, signal);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ESRCH') throw error;
    }
  }
}
