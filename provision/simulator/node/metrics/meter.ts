import type { Clock } from '../../clock.ts';
import { METER_DECAY_MS } from '../limits.ts';

/** Counts what happens and forgets it again: an event weighs less the longer ago it was. Nothing runs in between. */
export class Meter {
  readonly #clock: Clock;
  #weight = 0;
  #atMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count(): void {
    const nowMs = this.#clock.now();
    this.#weight = this.#weightAt(nowMs) + 1;
    this.#atMs = nowMs;
  }

  /** Events in a second, of late. */
  perSecond(): number {
    return (this.#weightAt(this.#clock.now()) * 1000) / METER_DECAY_MS;
  }

  #weightAt(nowMs: number): number {
    return this.#weight * Math.exp((this.#atMs - nowMs) / METER_DECAY_MS);
  }
}
