/** quantity() (Kubernetes documentation, "Kubernetes quantity library"). */
import {
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  quantityValue,
  sumQuantities,
} from '../../values/quantity.ts';
import { bool, double, fn, int, method, param, string, type Overload } from '../overload.ts';
import { opaque } from '../type.ts';
import { EvaluationError, Opaque } from '../value.ts';

const quantityType = opaque('kubernetes.Quantity');

class Quantity extends Opaque {
  readonly type = quantityType;
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  isEqual(other: Opaque): boolean {
    return other instanceof Quantity && compareQuantities(this.text, other.text) === 0;
  }
}

const quantity = param(quantityType, (value) => value instanceof Quantity);

export const quantities: readonly Overload[] = [
  fn('quantity', [string], quantity, quantityOf),
  fn('isQuantity', [string], bool, isQuantity),
  method('sign', [quantity], int, ({ text }) => BigInt(compareQuantities(text, '0'))),
  method('isInteger', [quantity], bool, ({ text }) => Number.isSafeInteger(quantityValue(text))),
  method('asInteger', [quantity], int, ({ text }) => {
    const value = quantityValue(text);
    if (!Number.isSafeInteger(value)) throw new EvaluationError('cannot convert value to integer');
    return BigInt(value);
  }),
  method('asApproximateFloat', [quantity], double, ({ text }) => quantityValue(text)),
  method('compareTo', [quantity, quantity], int, (x, y) => BigInt(order(x, y))),
  method('isGreaterThan', [quantity, quantity], bool, (x, y) => order(x, y) > 0),
  method('isLessThan', [quantity, quantity], bool, (x, y) => order(x, y) < 0),
  method('add', [quantity, quantity], quantity, (x, y) => sum(x.text, y.text)),
  method('add', [quantity, int], quantity, (x, y) => sum(x.text, String(y))),
  method('sub', [quantity, quantity], quantity, (x, y) => sum(x.text, negated(y.text))),
  method('sub', [quantity, int], quantity, (x, y) => sum(x.text, negated(String(y)))),
  fn('string', [quantity], string, ({ text }) => canonicalQuantity(text) ?? text),
];

function quantityOf(text: string): Quantity {
  if (isQuantity(text)) return new Quantity(text);
  throw new EvaluationError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function order(left: Quantity, right: Quantity): number {
  return compareQuantities(left.text, right.text);
}

function sum(left: string, right: string): Quantity {
  return new Quantity(sumQuantities([left, right]));
}

function negated(text: string): string {
  return text.startsWith('-') ? text.slice(1) : `-${text.replace(/^\+/, '')}`;
}
