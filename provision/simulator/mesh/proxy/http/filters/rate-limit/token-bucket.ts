/** How a bucket fills: `tokensPerFill` in each interval, all the time, up to `maxTokens`. */
export interface BucketSettings {
  readonly maxTokens: number;
  readonly tokensPerFill: number;
  readonly fillIntervalMs: number;
}

/**
 * A token bucket that is worked out from the clock when it is asked
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/v3/token_bucket.proto). Full at first.
 */
export class TokenBucket {
  readonly #settings: BucketSettings;
  #tokens: number;
  #atMs: number;

  constructor(settings: BucketSettings, nowMs: number) {
    this.#settings = settings;
    this.#tokens = settings.maxTokens;
    this.#atMs = nowMs;
  }

  /** Takes a token; false when there is none. */
  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Whole tokens that are left. */
  remaining(nowMs: number): number {
    this.#fill(nowMs);
    return Math.floor(this.#tokens);
  }

  #fill(nowMs: number): void {
    const { maxTokens, tokensPerFill, fillIntervalMs } = this.#settings;
    const added = ((nowMs - this.#atMs) * tokensPerFill) / fillIntervalMs;
    this.#tokens = Math.min(maxTokens, this.#tokens + Math.max(0, added));
    this.#atMs = nowMs;
  }
}
