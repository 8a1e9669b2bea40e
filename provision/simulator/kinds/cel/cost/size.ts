import type { Bound } from './bounds.ts';

/** A part of an expression: what it costs and how large its value is, both at most. */
export interface Estimate {
  readonly cost: number;
  /** Characters, items or entries of the value; infinite when nobody can tell. */
  readonly size: number;
  /** Where the value comes from, when that is a part of an object. */
  readonly bound?: Bound | undefined;
  /** Sizes of the items of a list, or of the values of a map, that the expression itself has made. */
  readonly elementSize?: number | undefined;
}

/** Zero times without end is zero here, as it is for Go's integers. */
export function times(count: number, cost: number): number {
  return count === 0 || cost === 0 ? 0 : count * cost;
}
