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

/** A delay the way Go prints durations: `10s`, `2m40s`, `5m0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
