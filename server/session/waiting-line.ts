import { WAITING_ABSENT_MS, WAITING_LEARNERS, WAITING_PLACE_MS } from '../limits.ts';

/** What somebody who asks for a place is told; `place` counts from 1. */
export type Turn =
  | { readonly type: 'go-in' }
  | { readonly type: 'wait'; readonly place: number }
  | { readonly type: 'line-full' };

/**
 * Learners who wait for a place on a full server, first come, first served, one place each. They keep theirs by asking
 * again and again; a free place never waits for one who has stopped.
 */
export class WaitingLine {
  readonly #now: () => number;
  /** When each has asked last; in the order in which they came. */
  readonly #askedMs = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get length(): number {
    this.#forgetLost();
    return this.#askedMs.size;
  }

  /** May this learner take one of the free places now? Who may has left the line. */
  ask(learner: string, freeCount: number): Turn {
    this.#forgetLost();
    if (freeCount > this.#presentAheadOf(learner)) {
      this.#askedMs.delete(learner);
      return { type: 'go-in' };
    }
    if (!this.#askedMs.has(learner) && this.#askedMs.size >= WAITING_LEARNERS) {
      return { type: 'line-full' };
    }
    this.#askedMs.set(learner, this.#now());
    return { type: 'wait', place: [...this.#askedMs.keys()].indexOf(learner) + 1 };
  }

  leave(learner: string): void {
    this.#askedMs.delete(learner);
  }

  #presentAheadOf(learner: string): number {
    const now = this.#now();
    let count = 0;
    for (const [other, askedMs] of this.#askedMs) {
      if (other === learner) break;
      if (now - askedMs < WAITING_ABSENT_MS) count++;
    }
    return count;
  }

  #forgetLost(): void {
    const now = this.#now();
    for (const [learner, askedMs] of this.#askedMs) {
      if (now - askedMs >= WAITING_PLACE_MS) this.#askedMs.delete(learner);
    }
  }
}
