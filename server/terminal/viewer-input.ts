import { setTimeout as delay } from 'node:timers/promises';

import { Allowance } from '../allowance.ts';
import type { TerminalProcess } from '../sandbox/sandbox.ts';
import { INPUT_LOW_BYTES, INPUT_NOTICE_MS, INPUT_RATE, INPUT_STEP_BYTES } from './limits.ts';

/**
 * What one page types: so much a second, and no more than the program's queue takes. The rest is refused, and the page is
 * told how much that was; a page that waits for `room` never loses anything.
 */
export class ViewerInput implements Disposable {
  readonly #process: Pick<TerminalProcess, 'write' | 'inputBelow'>;
  readonly #onRefused: (bytes: number) => void;
  readonly #allowance = new Allowance(INPUT_RATE);
  readonly #end = new AbortController();
  #isWaiting = false;
  #refusedBytes = 0;
  #telling: NodeJS.Timeout | undefined;

  constructor(
    process: Pick<TerminalProcess, 'write' | 'inputBelow'>,
    onRefused: (bytes: number) => void,
  ) {
    this.#process = process;
    this.#onRefused = onRefused;
  }

  write(data: string | Uint8Array): void {
    const bytes = Buffer.byteLength(data);
    if (!this.#allowance.take('', bytes) || !this.#process.write(data)) this.#refuse(bytes);
  }

  /** Settles when the next piece will be taken; undefined when somebody waits for that already, as no page of ours does. */
  room(): Promise<void> | undefined {
    return this.#isWaiting ? undefined : this.#waitForRoom();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    clearTimeout(this.#telling);
  }

  async #waitForRoom(): Promise<void> {
    this.#isWaiting = true;
    await this.#process.inputBelow(INPUT_LOW_BYTES);
    const delayMs = this.#allowance.delayMs('', INPUT_STEP_BYTES);
    // A page that has gone waits for nothing.
    const { signal } = this.#end;
    if (delayMs > 0) await delay(delayMs, undefined, { signal }).catch(() => undefined);
    this.#isWaiting = false;
  }

  #refuse(bytes: number): void {
    this.#refusedBytes += bytes;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#onRefused(this.#refusedBytes);
      this.#refusedBytes = 0;
    }, INPUT_NOTICE_MS);
  }
}
