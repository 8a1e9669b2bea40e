/** Functions on lists, maps, sets and numbers (Kubernetes documentation, "CEL options, language features, and libraries"). */
import { compare, isEqual } from '../equality.ts';
import { LIST_RANGE_LIMIT } from '../limits.ts';
import { checkedDuration, checkedInt, checkedUint, extreme } from '../operators.ts';
import * as p from '../overload.ts';
import {
  any,
  bool,
  double,
  fn,
  int,
  list,
  map,
  method,
  type Overload,
  type Param,
} from '../overload.ts';
import {
  CelList,
  CelOptional,
  Duration,
  EvaluationError,
  isMap,
  Uint,
  type CelValue,
} from '../value.ts';

const a = any('A');
const b = any('B');

const ORDERED: readonly Param<CelValue>[] = [
  p.int,
  p.uint,
  p.double,
  p.bool,
  p.duration,
  p.timestamp,
  p.string,
  p.bytes,
];
const SUMMED: readonly (readonly [Param<CelValue>, CelValue])[] = [
  [p.int, 0n],
  [p.uint, new Uint(0n)],
  [p.double, 0],
  [p.duration, new Duration(0n)],
];

export const lists: readonly Overload[] = [
  fn('size', [list(a)], int, ({ items }) => BigInt(items.length)),
  method('size', [list(a)], int, ({ items }) => BigInt(items.length)),
  fn('size', [map(a, b)], int, ({ size }) => BigInt(size)),
  method('size', [map(a, b)], int, ({ size }) => BigInt(size)),
  fn('size', [p.bytes], int, ({ length }) => BigInt(length)),
  method('size', [p.bytes], int, ({ length }) => BigInt(length)),
  ...ORDERED.flatMap((one) => [
    method('isSorted', [list(one)], bool, isSorted),
    method('min', [list(one)], one, ({ items }) => extremeOf(items, -1, 'min')),
    method('max', [list(one)], one, ({ items }) => extremeOf(items, 1, 'max')),
  ]),
  ...SUMMED.map(([one, zero]) =>
    method('sum', [list(one)], one, ({ items }) => items.reduce(plus, zero)),
  ),
  method('indexOf', [list(a), a], int, ({ items }, item) =>
    BigInt(items.findIndex((other) => isEqual(other, item))),
  ),
  method('lastIndexOf', [list(a), a], int, ({ items }, item) =>
    BigInt(items.findLastIndex((other) => isEqual(other, item))),
  ),
  fn('sets.contains', [list(a), list(a)], bool, (left, right) => contains(left, right)),
  fn(
    'sets.equivalent',
    [list(a), list(a)],
    bool,
    (left, right) => contains(left, right) && contains(right, left),
  ),
  fn('sets.intersects', [list(a), list(a)], bool, ({ items }, right) =>
    items.some((item) => has(right, item)),
  ),
  fn('lists.range', [int], list(int), range),
  method(
    'flatten',
    [list(list(a))],
    list(a),
    ({ items }) =>
      new CelList(items.flatMap((item) => (item instanceof CelList ? item.items : [item]))),
  ),
  method(
    'distinct',
    [list(a)],
    list(a),
    ({ items }) =>
      new CelList(
        items.filter((item, i) => items.findIndex((other) => isEqual(other, item)) === i),
      ),
  ),
  method('reverse', [list(a)], list(a), ({ items }) => new CelList(items.toReversed())),
  method('slice', [list(a), int, int], list(a), slice),
  ...ORDERED.map((one) =>
    method('sort', [list(one)], list(one), ({ items }) => new CelList(items.toSorted(orderOf))),
  ),
  ...optionals(),
];

function optionals(): readonly Overload[] {
  return [
    fn('optional.none', [], p.optional(a), () => new CelOptional()),
    fn('optional.of', [a], p.optional(a), (value) => new CelOptional(value)),
    fn('optional.ofNonZeroValue', [a], p.optional(a), (value) =>
      isZero(value) ? new CelOptional() : new CelOptional(value),
    ),
    method('hasValue', [p.optional(a)], bool, ({ value }) => value !== undefined),
    method('value', [p.optional(a)], a, ({ value }) => {
      if (value === undefined) throw new EvaluationError('optional.none() dereference');
      return value;
    }),
    method('or', [p.optional(a), p.optional(a)], p.optional(a), (one, other) =>
      one.value === undefined ? other : one,
    ),
    method('orValue', [p.optional(a), a], a, ({ value }, other) => value ?? nullOr(value, other)),
  ];
}

/** An optional null has a value. */
function nullOr(value: CelValue | undefined, other: CelValue): CelValue {
  return value === null ? value : other;
}

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof CelList) return value.items.length === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Duration) return value.nanos === 0n;
  return typeof value === 'object' && isMap(value) && value.size === 0;
}

function orderOf(left: CelValue, right: CelValue): number {
  const order = compare(left, right);
  if (order === undefined) throw new EvaluationError('no such overload');
  return order;
}

function isSorted({ items }: CelList): boolean {
  return items.every((item, i) => i === 0 || orderOf(items[i - 1] ?? item, item) <= 0);
}

function extremeOf(items: readonly CelValue[], sign: 1 | -1, name: string): CelValue {
  const found = extreme(items, sign);
  if (found === undefined) throw new EvaluationError(`${name} called on empty list`);
  return found;
}

function plus(left: CelValue, right: CelValue): CelValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(left + right);
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (left instanceof Uint && right instanceof Uint) return checkedUint(left.value + right.value);
  if (left instanceof Duration && right instanceof Duration) {
    return checkedDuration(left.nanos + right.nanos);
  }
  throw new EvaluationError('no such overload');
}

function has({ items }: CelList, item: CelValue): boolean {
  return items.some((other) => isEqual(other, item));
}

function contains(whole: CelList, part: CelList): boolean {
  return part.items.every((item) => has(whole, item));
}

function range(count: bigint): CelList {
  if (count > LIST_RANGE_LIMIT)
    throw new EvaluationError(`lists.range() size exceeds ${LIST_RANGE_LIMIT}`);
  return new CelList(Array.from({ length: Math.max(0, Number(count)) }, (_, i) => BigInt(i)));
}

function slice({ items }: CelList, from: bigint, to: bigint): CelList {
  if (from < 0n || to < 0n || from > to || to > items.length) {
    throw new EvaluationError(`cannot slice(${from}, ${to}), list is length ${items.length}`);
  }
  return new CelList(items.slice(Number(from), Number(to)));
}

const NUMBERS = [int, p.uint, double];

/** math.greatest and math.least of up to five numbers or of a list. */
export const numbers: readonly Overload[] = [
  ['math.greatest', 1] as const,
  ['math.least', -1] as const,
].flatMap(([name, sign]) => [
  ...NUMBERS.flatMap((one) => [
    fn(name, [list(one)], one, ({ items }) => extremeOf(items, sign, name)),
    ...[1, 2, 3, 4, 5].map((count) =>
      fn<readonly CelValue[]>(
        name,
        Array.from({ length: count }, () => one),
        one,
        (...values) => extremeOf(values, sign, name),
      ),
    ),
  ]),
  ...[2, 3, 4, 5].map((count) =>
    fn<readonly CelValue[]>(
      name,
      Array.from({ length: count }, () => p.dyn),
      p.dyn,
      (...values) => extremeOf(values, sign, name),
    ),
  ),
]);
