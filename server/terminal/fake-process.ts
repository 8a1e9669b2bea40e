import type { TerminalSize } from '#protocol';

import type { TerminalProcess } from '../sandbox/sandbox.ts';

/** A program for tests that prints what the test says and notes what it is told. */
export class FakeProcess implements TerminalProcess {
  readonly written: string[] = [];
  readonly sizes: TerminalSize[] = [];
  isPaused = false;
  isKilled = false;
  /** Takes no more input. */
  isFull = false;
  #onData: (data: Buffer) => void = () => undefined;
  #onRead: () => void = () => undefined;
  #onExit: (exit: { readonly code: number }) => void = () => undefined;

  print(text: string | Buffer): void {
    this.#onData(Buffer.from(text));
  }

  end(code: number): void {
    this.#onExit({ code });
  }

  onData(listener: (data: Buffer) => void): void {
    this.#onData = listener;
  }

  onExit(listener: (exit: { readonly code: number }) => void): void {
    this.#onExit = listener;
  }

  write(data: string | Uint8Array): boolean {
    if (this.isFull) return false;
    this.written.push(Buffer.from(data).toString());
    return true;
  }

  /** It reads everything at once, or not before `read()`. */
  async inputBelow(): Promise<void> {
    if (!this.isFull) return;
    await new Promise<void>((resolve) => {
      this.#onRead = resolve;
    });
  }

  read(): void {
    this.isFull = false;
    this.#onRead();
  }

  resize(size: TerminalSize): void {
    this.sizes.push(size);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  async kill(): Promise<void> {
    this.isKilled = true;
    this.end(129);
  }
}
