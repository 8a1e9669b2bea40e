import type { Rate } from './limits.ts';
import { Problem } from './problem.ts';

/** From this many keys on, those that have their whole burst again are forgotten. */
const SWEEP_KEYS = 1_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** How much of something each of many (learners, addresses) may still do: a token bucket for each. */
export class Allowance {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #sweepAt = SWEEP_KEYS;

  constructor(rate: Rate, now: () => number = Date.now) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes `cost` tokens; false, and nothing is taken, when there are not so many. */
  take(key: string, cost = 1): boolean {
    const bucket = this.#filled(key);
    if (bucket.tokens < cost) return false;
    bucket.tokens -= cost;
    return true;
  }

  /** Milliseconds until `cost` tokens are there; none when they are. */
  delayMs(key: string, cost: number): number {
    const lacking = cost - this.#filled(key).tokens;
    return Math.max(0, Math.ceil((lacking / this.#rate.perSecond) * 1_000));
  }

  /** Takes a token. @throws Problem `too-many-requests` */
  spend(key: string): void {
    if (!this.take(key))
      throw new Problem(429, 'too-many-requests', 'That was too often; try again in a minute');
  }

  #filled(key: string): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(key);
    if (known) {
      known.tokens = this.#tokensOf(known, now);
      known.atMs = now;
      return known;
    }
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const bucket = { tokens: this.#rate.burst, atMs: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #tokensOf({ tokens, atMs }: Bucket, now: number): number {
    const gained = (Math.max(0, now - atMs) / 1_000) * this.#rate.perSecond;
    return Math.min(this.#rate.burst, tokens + gained);
  }

  #sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (this.#tokensOf(bucket, now) >= this.#rate.burst) this.#buckets.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_KEYS, this.#buckets.size * 2);
  }
}
