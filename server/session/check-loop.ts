import { CHECK_DELAY_MS, CHECK_INTERVAL_MS } from '../limits.ts';

/**
 * Runs something again after changes: soon after the first, never twice at once, and with a pause between two runs.
 * Disposing of it stops it; a run under way finishes.
 */
export class CheckLoop implements Disposable {
  readonly #run: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isWanted = false;
  #isStopped = false;

  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Asks for a run after the next pause; asking again before it comes changes nothing. */
  request(): void {
    this.#isWanted = true;
    if (!this.#timer && !this.#isRunning) this.#schedule(CHECK_DELAY_MS);
  }

  [Symbol.dispose](): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#turn(), delayMs);
    this.#timer.unref();
  }

  async #turn(): Promise<void> {
    this.#timer = undefined;
    this.#isWanted = false;
    this.#isRunning = true;
    try {
      await this.#run();
    } finally {
      this.#isRunning = false;
      if (this.#isWanted) this.#schedule(CHECK_INTERVAL_MS);
    }
  }
}
