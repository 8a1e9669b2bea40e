import type { Readable } from 'node:stream';

import { STDIN_LIMIT_BYTES } from '../limits.ts';
import type { LineSource } from './interactive.ts';
import type { LineResult } from './terminal/line-editor.ts';

/** What is piped into a shell without a terminal, as its commands line by line. */
export class PipedLines implements LineSource {
  /** Settles when everything has come. */
  readonly ended: Promise<void>;
  readonly #input: Readable;
  #bytes: Buffer = Buffer.alloc(0);
  #hasEnded = false;
  #onMore: (() => void) | undefined;

  constructor(input: Readable) {
    this.#input = input;
    input.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (this.#bytes.length > STDIN_LIMIT_BYTES) input.pause();
      this.#onMore?.();
    });
    this.ended = new Promise((resolve) => {
      // A client that went away has sent all it has.
      for (const event of ['end', 'close', 'error']) {
        input.on(event, () => {
          this.#hasEnded = true;
          this.#onMore?.();
          resolve();
        });
      }
    });
  }

  async readLine(): Promise<LineResult> {
    for (;;) {
      const end = this.#bytes.indexOf(0x0a);
      if (end >= 0) {
        const text = this.#bytes.toString('utf8', 0, end);
        this.#drop(end + 1);
        return { type: 'line', text };
      }
      if (this.#hasEnded) {
        const text = this.takeAll().toString('utf8');
        return text === '' ? { type: 'end' } : { type: 'line', text };
      }
      await this.#more();
    }
  }

  /** A command that reads gets everything up to the end. */
  async readInput(signal: AbortSignal): Promise<Buffer> {
    const stop = () => this.#onMore?.();
    signal.addEventListener('abort', stop, { once: true });
    while (!this.#hasEnded && !signal.aborted && this.#bytes.length <= STDIN_LIMIT_BYTES) {
      await this.#more();
    }
    signal.removeEventListener('abort', stop);
    return this.takeAll();
  }

  /** There is nobody who could type ^C. */
  whileRunning(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }

  /** Everything that has come and was not read. */
  takeAll(): Buffer {
    const all = this.#bytes;
    this.#drop(all.length);
    return all;
  }

  #drop(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
    this.#input.resume();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#onMore = resolve;
    });
  }
}
