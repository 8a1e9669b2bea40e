/** `==`, `<` and the like (CEL language definition, "Equality" and "Ordering"). */
import {
  CelList,
  CelOptional,
  Duration,
  isMap,
  Opaque,
  Timestamp,
  TypeValue,
  Uint,
  type CelMap,
  type CelValue,
} from './value.ts';

/** Whether two values are equal; values of different types are not, numbers of the same amount are. */
export function isEqual(left: CelValue, right: CelValue): boolean {
  if (left === right) return true;
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right) === 0;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left === null || right === null) return false;
  if (left instanceof CelList) return right instanceof CelList && isSameList(left, right);
  if (left instanceof Opaque) return right instanceof Opaque && left.isEqual(right);
  if (isMap(left)) return isMap(right) && isSameMap(left, right);
  return isSameObject(left, right);
}

function isSameObject(left: CelValue, right: CelValue): boolean {
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanos === right.nanos;
  if (left instanceof Duration) return right instanceof Duration && left.nanos === right.nanos;
  if (left instanceof TypeValue) return right instanceof TypeValue && left.name === right.name;
  if (left instanceof CelOptional) {
    if (!(right instanceof CelOptional)) return false;
    if (left.value === undefined || right.value === undefined) return left.value === right.value;
    return isEqual(left.value, right.value);
  }
  return (
    left instanceof Uint8Array &&
    right instanceof Uint8Array &&
    Buffer.compare(Buffer.from(left), Buffer.from(right)) === 0
  );
}

/** Sets and keyed lists of objects are equal in any order (Kubernetes documentation, "Validation rules"). */
function isSameList(left: CelList, right: CelList): boolean {
  if (left.items.length !== right.items.length) return false;
  const { listType } = left;
  if (listType === undefined) {
    return left.items.every((item, i) => isEqual(item, right.items[i] ?? null));
  }
  return left.items.every((item) => right.items.some((other) => isEqual(item, other)));
}

function isSameMap(left: CelMap, right: CelMap): boolean {
  if (left.size !== right.size) return false;
  return left.keys().every((key) => {
    const value = left.get(key);
    const other = right.get(key);
    return value !== undefined && other !== undefined && isEqual(value, other);
  });
}

export type CelNumber = bigint | number | Uint;

export function isNumber(value: CelValue): value is CelNumber {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** Negative, 0 or positive; NaN when one of them is NaN. */
export function compareNumbers(left: CelNumber, right: CelNumber): number {
  const a = left instanceof Uint ? left.value : left;
  const b = right instanceof Uint ? right.value : right;
  if (a < b) return -1;
  if (a > b) return 1;
  // Loose, so that 1n and 1 are the same.
  return a >= b ? 0 : Number.NaN;
}

/** Negative, 0 or positive; undefined for values that have no order. */
export function compare(left: CelValue, right: CelValue): number | undefined {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return order(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Timestamp && right instanceof Timestamp)
    return order(left.nanos, right.nanos);
  if (left instanceof Duration && right instanceof Duration) return order(left.nanos, right.nanos);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return undefined;
}

function order<T extends string | bigint>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
