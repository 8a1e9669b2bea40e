import { write } from 'node:fs';

import { INPUT_BYTES } from './limits.ts';

const FIRST_WAIT_MS = 1;
const LAST_WAIT_MS = 16;

/**
 * Writes input to a pty without spinning when the program does not read: node-pty's own `write` would try again in a
 * busy loop. Must be closed before the descriptor is, since its number may then belong to something else.
 */
export class InputWriter implements Disposable {
  readonly #descriptor: number;
  readonly #queue: Buffer[] = [];
  #offset = 0;
  #size = 0;
  #isBusy = false;
  #isClosed = false;
  #waitMs = FIRST_WAIT_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Whether the input was taken; false when too much is waiting already. */
  push(data: Buffer): boolean {
    if (this.#isClosed || this.#size + data.length > INPUT_BYTES) return false;
    this.#queue.push(data);
    this.#size += data.length;
    if (!this.#timer) this.#pump();
    return true;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #pump(): void {
    this.#timer = undefined;
    const [head] = this.#queue;
    if (this.#isBusy || this.#isClosed || !head) return;
    this.#isBusy = true;
    write(
      this.#descriptor,
      head,
      this.#offset,
      head.length - this.#offset,
      null,
      (error, count) => {
        this.#isBusy = false;
        if (!this.#isClosed) this.#advance(head, error, count);
      },
    );
  }

  #advance(head: Buffer, error: NodeJS.ErrnoException | null, count: number): void {
    if (error?.code === 'EAGAIN') {
      this.#timer = setTimeout(() => this.#pump(), this.#waitMs);
      this.#waitMs = Math.min(this.#waitMs * 2, LAST_WAIT_MS);
      return;
    }
    if (error) {
      // The program is gone; nobody will read the rest.
      this.#queue.length = 0;
      this.#size = 0;
      this.#offset = 0;
      return;
    }
    this.#waitMs = FIRST_WAIT_MS;
    this.#offset += count;
    this.#size -= count;
    if (this.#offset >= head.length) {
      this.#queue.shift();
      this.#offset = 0;
    }
    this.#pump();
  }
}
