/** Operators, named as messages name them: `_+_`. */
import { compare, compareNumbers, isEqual, isNumber } from './equality.ts';
import * as p from './overload.ts';
import { fn, type Overload, type Param } from './overload.ts';
import { isInRange } from './time.ts';
import {
  CelList,
  CelOptional,
  Duration,
  EvaluationError,
  isMap,
  Timestamp,
  Uint,
  type CelMap,
  type CelValue,
} from './value.ts';

const a = p.any('A');
const b = p.any('B');
const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** An integer of 64 bits. */
export function checkedInt(value: bigint): bigint {
  if (value > MAX_INT || value < -MAX_INT - 1n) throw new EvaluationError('integer overflow');
  return value;
}

export function checkedUint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new EvaluationError('unsigned integer overflow');
  return new Uint(value);
}

export function checkedDuration(nanos: bigint): Duration {
  return new Duration(checkedInt(nanos));
}

function checkedTime(nanos: bigint): Timestamp {
  const time = new Timestamp(nanos);
  if (!isInRange(time)) throw new EvaluationError('timestamp overflow');
  return time;
}

function divisor(value: bigint, word: string): bigint {
  if (value === 0n) throw new EvaluationError(word);
  return value;
}

function arithmetic(
  name: string,
  whole: (left: bigint, right: bigint) => bigint,
  real?: (left: number, right: number) => number,
): readonly Overload[] {
  return [
    fn(name, [p.int, p.int], p.int, (x, y) => checkedInt(whole(x, y))),
    fn(name, [p.uint, p.uint], p.uint, (x, y) => checkedUint(whole(x.value, y.value))),
    ...(real ? [fn(name, [p.double, p.double], p.double, real)] : []),
  ];
}

const ORDERED: readonly Param<CelValue>[] = [
  p.bool,
  p.int,
  p.uint,
  p.double,
  p.string,
  p.bytes,
  p.timestamp,
  p.duration,
];
const NUMBERS: readonly Param<CelValue>[] = [p.int, p.uint, p.double];

function ordering(name: string, holds: (order: number) => boolean): readonly Overload[] {
  const pairs = [
    ...ORDERED.map((one) => [one, one] as const),
    ...NUMBERS.flatMap((left) =>
      NUMBERS.filter((right) => right !== left).map((right) => [left, right] as const),
    ),
  ];
  return pairs.map(([left, right]) =>
    fn(name, [left, right], p.bool, (x, y) => {
      const order = compare(x, y);
      if (order === undefined) throw new EvaluationError('no such overload');
      return holds(order);
    }),
  );
}

export const operators: readonly Overload[] = [
  ...arithmetic(
    '_+_',
    (x, y) => x + y,
    (x, y) => x + y,
  ),
  fn('_+_', [p.string, p.string], p.string, (x, y) => x + y),
  fn('_+_', [p.bytes, p.bytes], p.bytes, (x, y) => Buffer.concat([x, y])),
  fn('_+_', [p.list(a), p.list(a)], p.list(a), concatenated),
  fn('_+_', [p.timestamp, p.duration], p.timestamp, (x, y) => checkedTime(x.nanos + y.nanos)),
  fn('_+_', [p.duration, p.timestamp], p.timestamp, (x, y) => checkedTime(x.nanos + y.nanos)),
  fn('_+_', [p.duration, p.duration], p.duration, (x, y) => checkedDuration(x.nanos + y.nanos)),
  ...arithmetic(
    '_-_',
    (x, y) => x - y,
    (x, y) => x - y,
  ),
  fn('_-_', [p.timestamp, p.timestamp], p.duration, (x, y) => checkedDuration(x.nanos - y.nanos)),
  fn('_-_', [p.timestamp, p.duration], p.timestamp, (x, y) => checkedTime(x.nanos - y.nanos)),
  fn('_-_', [p.duration, p.duration], p.duration, (x, y) => checkedDuration(x.nanos - y.nanos)),
  ...arithmetic(
    '_*_',
    (x, y) => x * y,
    (x, y) => x * y,
  ),
  ...arithmetic(
    '_/_',
    (x, y) => x / divisor(y, 'division by zero'),
    (x, y) => x / y,
  ),
  ...arithmetic('_%_', (x, y) => x % divisor(y, 'modulus by zero')),
  fn('-_', [p.int], p.int, (x) => checkedInt(-x)),
  fn('-_', [p.double], p.double, (x) => -x),
  fn('!_', [p.bool], p.bool, (x) => !x),
  fn('_==_', [a, a], p.bool, isEqual),
  fn('_!=_', [a, a], p.bool, (x, y) => !isEqual(x, y)),
  ...ordering('_<_', (order) => order < 0),
  ...ordering('_<=_', (order) => order <= 0),
  ...ordering('_>_', (order) => order > 0),
  ...ordering('_>=_', (order) => order >= 0),
  fn('@in', [a, p.list(a)], p.bool, (x, y) => y.items.some((item) => isEqual(x, item))),
  fn('@in', [a, p.map(a, b)], p.bool, (x, y) => y.get(x) !== undefined),
  fn('_[_]', [p.list(a), p.int], a, (x, i) => itemAt(x, i)),
  fn('_[_]', [p.map(a, b), a], b, (x, key) => valueAt(x, key)),
  fn('_[_]', [p.optional(p.list(a)), p.int], p.optional(a), optionalIndex),
  fn('_[_]', [p.optional(p.map(a, b)), a], p.optional(b), optionalIndex),
  fn('_[?_]', [p.list(a), p.int], p.optional(a), optionalIndex),
  fn('_[?_]', [p.map(a, b), a], p.optional(b), optionalIndex),
  fn('_[?_]', [p.optional(p.list(a)), p.int], p.optional(a), optionalIndex),
  fn('_[?_]', [p.optional(p.map(a, b)), a], p.optional(b), optionalIndex),
];

/** Sets and keyed lists of objects keep one of each: later items take the place of earlier ones. */
function concatenated(left: CelList, right: CelList): CelList {
  const { listType } = left;
  if (listType === undefined) return new CelList([...left.items, ...right.items]);
  const isSame = (x: CelValue, y: CelValue) =>
    listType.type === 'set'
      ? isEqual(x, y)
      : listType.keys.every((key) => isMap(x) && isMap(y) && isEqual(keyOf(x, key), keyOf(y, key)));
  const items = [...left.items];
  for (const item of right.items) {
    const at = items.findIndex((other) => isSame(other, item));
    if (at < 0) items.push(item);
    else if (listType.type === 'map') items[at] = item;
  }
  return new CelList(items, listType);
}

function keyOf(item: CelMap, key: string): CelValue {
  return item.get(key) ?? null;
}

function itemAt(list: CelList, index: bigint): CelValue {
  const item = index < 0n ? undefined : list.items[Number(index)];
  if (item === undefined) throw new EvaluationError(`index out of bounds: ${index}`);
  return item;
}

function valueAt(map: CelMap, key: CelValue): CelValue {
  const value = map.get(key);
  if (value === undefined) throw new EvaluationError(`no such key: ${keyText(key)}`);
  return value;
}

function keyText(key: CelValue): string {
  if (key instanceof Uint) return String(key.value);
  return typeof key === 'object' ? 'null' : String(key);
}

function optionalIndex(value: CelValue, key: CelValue): CelOptional {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner === undefined) return new CelOptional();
  if (inner instanceof CelList) {
    return typeof key === 'bigint' && key >= 0n
      ? new CelOptional(inner.items[Number(key)])
      : new CelOptional();
  }
  if (isMap(inner)) return new CelOptional(inner.get(key));
  throw new EvaluationError('no such overload');
}

/** The largest or smallest of numbers, for math.greatest and min(). */
export function extreme(values: readonly CelValue[], sign: 1 | -1): CelValue | undefined {
  let best: CelValue | undefined;
  for (const value of values) {
    const order =
      best === undefined
        ? 1
        : isNumber(best) && isNumber(value)
          ? compareNumbers(value, best)
          : compare(value, best);
    if (order === undefined) throw new EvaluationError('no such overload');
    if (best === undefined || order * sign > 0) best = value;
  }
  return best;
}
