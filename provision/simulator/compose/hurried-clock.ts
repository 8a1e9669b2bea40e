import type { Clock } from '../clock.ts';

/**
 * A clock for preparing clusters nobody watches: what would wait is run as soon as everything before it is done, and the time
 * jumps there. It runs in the past, so that what it stamps is a little older than the learner's first look.
 */
export class HurriedClock implements Clock {
  #nowMs: number;
  #order = 0;
  #isTurning = false;
  readonly #timers = new Set<{
    readonly dueMs: number;
    readonly order: number;
    readonly run: () => void;
  }>();

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** Never ahead of real time: nothing may be younger than nothing. */
  now(): number {
    return Math.min(this.#nowMs, Date.now());
  }

  after(delayMs: number, run: () => void): Disposable {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#timers.add(timer);
    this.#turnLater();
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Ends all waiting: nothing runs any more. */
  stop(): void {
    this.#timers.clear();
    this.#isTurning = true;
  }

  #turnLater(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    // Several turns of the loop, so that promises and I/O that are due now come before what is due later.
    setImmediate(() => setImmediate(() => setImmediate(() => this.#turn())));
  }

  #turn(): void {
    this.#isTurning = false;
    const next = [...this.#timers].toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
    if (!next) return;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.run();
    if (this.#timers.size > 0) this.#turnLater();
  }
}
