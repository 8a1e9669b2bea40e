import { Problem } from '../problem.ts';
import { TRANSFERS, TRANSFERS_PER_LEARNER } from './limits.ts';

/** Counts files on their way, which are held in memory. */
export class Transfers {
  readonly #ofLearner = new Map<string, number>();
  #count = 0;

  /** Does something with a file while it has a place. @throws Problem `too-many-transfers` */
  async during<R>(learner: string, transfer: () => Promise<R>): Promise<R> {
    const own = this.#ofLearner.get(learner) ?? 0;
    if (own >= TRANSFERS_PER_LEARNER || this.#count >= TRANSFERS) {
      throw new Problem(429, 'too-many-transfers', 'Other files are on their way; try again soon', {
        retryAfterSeconds: 1,
      });
    }
    this.#count += 1;
    this.#ofLearner.set(learner, own + 1);
    try {
      return await transfer();
    } finally {
      this.#end(learner);
    }
  }

  #end(learner: string): void {
    this.#count -= 1;
    const left = (this.#ofLearner.get(learner) ?? 1) - 1;
    if (left === 0) this.#ofLearner.delete(learner);
    else this.#ofLearner.set(learner, left);
  }
}
