/** A delay that doubles up to its limit. */
export class Backoff {
  readonly #startMs: number;
  readonly #limitMs: number;
  #nextMs: number;

  constructor(startMs: number, limitMs: number) {
    this.#startMs = startMs;
    this.#limitMs = limitMs;
    this.#nextMs = startMs;
  }

  next(): number {
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMs * 2, this.#limitMs);
    return delayMs;
  }

  reset(): void {
    this.#nextMs = this.#startMs;
  }
}
