import { CALL_COST_LIMIT } from './limits.ts';
import { CostError, type CelValue } from './value.ts';

/** Counts what an evaluation costs and ends it when that is too much. */
export class Meter {
  #used = 0;
  readonly #limit: number;

  constructor(limit = CALL_COST_LIMIT) {
    this.#limit = limit;
  }

  get used() {
    return this.#used;
  }

  /** @throws CostError when more was used than is allowed */
  spend(cost: number): void {
    this.#used += cost;
    if (this.#used > this.#limit) {
      throw new CostError('operation cancelled: actual cost limit exceeded');
    }
  }
}

/** Values of declared variables; asked when an expression reads one. */
export type Variables = (name: string) => CelValue | undefined;

/** One evaluation: the variables it was given and those that its macros bind. */
export interface Frame {
  readonly variables: Variables;
  readonly slots: CelValue[];
  readonly meter: Meter;
}

export type Run = (frame: Frame) => CelValue;
