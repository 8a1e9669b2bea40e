import { writeSync } from 'node:fs';

import { INPUT_BYTES, INPUT_TURN_BYTES } from './limits.ts';

const FIRST_WAIT_MS = 1;
const LAST_WAIT_MS = 16;

interface Waiter {
  readonly bytes: number;
  readonly resolve: () => void;
}

/**
 * Writes input to a pty without spinning when the program does not read: node-pty's own `write` would try again in a
 * busy loop. The descriptor does not block, so a key needs no trip through the thread pool. Must be closed before the
 * descriptor is, since its number may then belong to something else.
 */
export class InputWriter implements Disposable {
  readonly #descriptor: number;
  readonly #queue: Buffer[] = [];
  #offset = 0;
  #size = 0;
  #isClosed = false;
  #waitMs = FIRST_WAIT_MS;
  #timer: NodeJS.Timeout | undefined;
  #waiters: readonly Waiter[] = [];

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Bytes that the program has not taken yet. */
  get waitingBytes(): number {
    return this.#size;
  }

  /** Whether the input was taken; false when too much is waiting already. */
  push(data: Buffer): boolean {
    if (this.#isClosed || this.#size + data.length > INPUT_BYTES) return false;
    if (data.length === 0) return true;
    this.#queue.push(data);
    this.#size += data.length;
    if (!this.#timer) this.#pump();
    return true;
  }

  /** Settles when less than so many bytes wait, or when nobody will read them. */
  async below(bytes: number): Promise<void> {
    if (this.#isClosed || this.#size < bytes) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters = [...this.#waiters, { bytes, resolve }];
    await promise;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#drop();
    clearTimeout(this.#timer);
    this.#tellWaiters();
  }

  #pump(): void {
    this.#timer = undefined;
    let turnBytes = 0;
    while (!this.#isClosed && turnBytes < INPUT_TURN_BYTES) {
      const [head] = this.#queue;
      if (!head) return;
      const count = this.#write(head);
      if (count === 0) {
        this.#again(this.#waitMs);
        this.#waitMs = Math.min(this.#waitMs * 2, LAST_WAIT_MS);
        return;
      }
      turnBytes += count;
      this.#advance(head, count);
    }
    this.#again(0);
  }

  #again(delayMs: number): void {
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#pump(), delayMs);
  }

  /** Bytes written; none when the program has enough for now. */
  #write(head: Buffer): number {
    try {
      return writeSync(this.#descriptor, head, this.#offset);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EAGAIN') return 0;
      // The program is gone; nobody will read the rest.
      const rest = head.length - this.#offset;
      this.#drop(head);
      return rest;
    }
  }

  #advance(head: Buffer, count: number): void {
    this.#waitMs = FIRST_WAIT_MS;
    this.#offset += count;
    this.#size -= count;
    this.#tellWaiters();
    if (this.#offset < head.length) return;
    this.#queue.shift();
    this.#offset = 0;
  }

  #tellWaiters(): void {
    const isDone = ({ bytes }: Waiter) => this.#isClosed || this.#size < bytes;
    const done = this.#waiters.filter(isDone);
    if (done.length === 0) return;
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolve } of done) resolve();
  }

  #drop(except?: Buffer): void {
    const kept = except ? [except] : [];
    this.#queue.splice(0, this.#queue.length, ...kept);
    this.#size = except ? except.length - this.#offset : 0;
  }
}
