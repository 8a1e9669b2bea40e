/** Finds what a call means by the types of its arguments, and at last by their values. */
import type { Overload } from './overload.ts';
import * as types from './type.ts';
import { isAssignable, isSameType, substitute, type CelType } from './type.ts';
import type { Typed } from './typed.ts';
import { CelList, EvaluationError, isMap, type CelValue } from './value.ts';

/** The call; undefined when no overload fits the types. */
export function resolve(
  name: string,
  overloads: readonly Overload[],
  args: readonly Typed[],
): Typed | undefined {
  const fitting: Overload[] = [];
  let result: CelType | undefined;
  for (const overload of overloads) {
    const type = resultOf(overload, args);
    if (type === undefined) continue;
    fitting.push(overload);
    result = result === undefined || isSameType(result, type) ? type : types.dyn;
  }
  if (result === undefined) return undefined;
  const runs = args.map(({ run }) => run);
  const isCheap = CHEAP.has(name);
  return {
    type: result,
    run: (frame) => {
      const values = runs.map((run) => run(frame));
      const size = isCheap ? 0 : sizeOf(values);
      frame.meter.spend(1 + size / 10);
      for (const { run } of fitting) {
        const value = run(values);
        if (value === undefined) continue;
        // What grows costs as much as it has grown.
        if (!isCheap) frame.meter.spend(Math.max(0, sizeOf([value]) - size) / 10);
        return value;
      }
      throw new EvaluationError('no such overload');
    },
  };
}

/** What does not look at all of its arguments. */
const CHEAP = new Set(['_[_]', '_[?_]', 'size', 'dyn', 'type', 'value', 'hasValue', 'orValue']);

function resultOf(overload: Overload, args: readonly Typed[]): CelType | undefined {
  if (overload.args.length !== args.length) return undefined;
  const bindings = new Map<string, CelType>();
  const isFitting = overload.args.every((wanted, i) => {
    const actual = args[i];
    return actual !== undefined && isAssignable(wanted, actual.type, bindings);
  });
  return isFitting ? substitute(overload.result, bindings) : undefined;
}

/** Characters and items, which is what most functions go through. */
function sizeOf(values: readonly CelValue[]): number {
  let size = 0;
  for (const value of values) {
    if (typeof value === 'string') size += value.length;
    else if (value instanceof CelList) size += value.items.length;
    else if (value instanceof Uint8Array) size += value.length;
    else if (typeof value === 'object' && value !== null && isMap(value)) size += value.size;
  }
  return size;
}
