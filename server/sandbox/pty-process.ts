import { type IPty, spawn } from 'node-pty';

import type { TerminalSize } from '#protocol';

import { InputWriter } from './input-writer.ts';
import { KILL_STEP_MS } from './limits.ts';
import type { TerminalProcess } from './sandbox.ts';

/** A program to start on a new pseudo terminal. */
export interface PtyRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly size: TerminalSize;
}

/** A program on a pseudo terminal of node-pty, with bytes instead of strings and an input that never spins. */
export class PtyProcess implements TerminalProcess {
  readonly #pty: IPty & { readonly fd?: number };
  readonly #input: InputWriter;
  readonly #exited: Promise<void>;
  #hasExited = false;

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
    this.#exited = new Promise((resolve) => {
      this.#pty.onExit(() => {
        this.#hasExited = true;
        this.#input[Symbol.dispose]();
        resolve();
      });
    });
  }

  onData(listener: (data: Buffer) => void): void {
    this.#pty.onData((data: string | Buffer) => listener(Buffer.from(data)));
  }

  onExit(listener: (exit: { readonly code: number; readonly signal?: number }) => void): void {
    this.#pty.onExit(({ exitCode, signal }) =>
      listener({ code: exitCode, ...(signal !== undefined && signal !== 0 && { signal }) }),
    );
  }

  write(data: string | Uint8Array): void {
    this.#input.push(Buffer.from(data));
  }

  resize({ columns, rows }: TerminalSize): void {
    if (!this.#hasExited) this.#pty.resize(columns, rows);
  }

  pause(): void {
    this.#pty.pause();
  }

  resume(): void {
    this.#pty.resume();
  }

  /** Each rung is tried only while the process lives: after its exit the pid may be somebody else's. */
  async kill(): Promise<void> {
    this.#pty.resume();
    for (const signal of ['SIGHUP', 'SIGTERM', 'SIGKILL']) {
      if (this.#hasExited) return;
      this.#pty.kill(signal);
      if (signal === 'SIGKILL') break;
      await Promise.race([this.#exited, pause(KILL_STEP_MS)]);
    }
    await this.#exited;
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });
}
