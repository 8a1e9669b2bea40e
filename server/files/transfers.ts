import { Problem } from '../problem.ts';
import { TRANSFERS, TRANSFERS_PER_LEARNER } from './limits.ts';

/** Counts files on their way, which are held in memory. */
export class Transfers {
  readonly #ofLearner = new Map<string, number>();
  #count = 0;

  /** Takes a place, given back by disposing of it. @throws Problem `too-many-transfers` */
  begin(learner: string): Disposable {
    const own = this.#ofLearner.get(learner) ?? 0;
    if (own >= TRANSFERS_PER_LEARNER || this.#count >= TRANSFERS) {
      throw new Problem(429, 'too-many-transfers', 'Other files are on their way; try again soon', {
        retryAfterSeconds: 1,
      });
    }
    this.#count += 1;
    this.#ofLearner.set(learner, own + 1);
    const stack = new DisposableStack();
    stack.defer(() => this.#end(learner));
    return stack;
  }

  #end(learner: string): void {
    this.#count -= 1;
    const left = (this.#ofLearner.get(learner) ?? 1) - 1;
    if (left === 0) this.#ofLearner.delete(learner);
    else this.#ofLearner.set(learner, left);
  }
}
