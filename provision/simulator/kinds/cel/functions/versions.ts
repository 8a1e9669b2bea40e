/** semver() (Kubernetes documentation, "Kubernetes Semver library"; semver.org, 2.0.0). */
import { bool, fn, int, method, param, string, type Overload } from '../overload.ts';
import { opaque } from '../type.ts';
import { EvaluationError, Opaque } from '../value.ts';

const semverType = opaque('kubernetes.Semver');

class Semver extends Opaque {
  readonly type = semverType;
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];

  constructor(numbers: readonly bigint[], pre: readonly string[]) {
    super();
    this.numbers = numbers;
    this.pre = pre;
  }

  isEqual(other: Opaque): boolean {
    return other instanceof Semver && order(this, other) === 0;
  }
}

const semver = param(semverType, (value) => value instanceof Semver);

export const versions: readonly Overload[] = [
  fn('semver', [string], semver, (text) => semverOf(text)),
  fn('semver', [string, bool], semver, semverOf),
  fn('isSemver', [string], bool, (text) => read(text) !== undefined),
  fn('isSemver', [string, bool], bool, (text, isLoose) => read(text, isLoose) !== undefined),
  method('major', [semver], int, ({ numbers }) => numbers[0] ?? 0n),
  method('minor', [semver], int, ({ numbers }) => numbers[1] ?? 0n),
  method('patch', [semver], int, ({ numbers }) => numbers[2] ?? 0n),
  method('compareTo', [semver, semver], int, (x, y) => BigInt(order(x, y))),
  method('isGreaterThan', [semver, semver], bool, (x, y) => order(x, y) > 0),
  method('isLessThan', [semver, semver], bool, (x, y) => order(x, y) < 0),
];

function semverOf(text: string, isLoose = false): Semver {
  const found = read(text, isLoose);
  if (found) return found;
  const count = text.split('.').length;
  throw new EvaluationError(
    count < 3
      ? 'No Major.Minor.Patch elements found'
      : `Invalid character(s) found in version ${JSON.stringify(text)}`,
  );
}

const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

function read(text: string, isLoose = false): Semver | undefined {
  const match = VERSION.exec(isLoose ? normalized(text) : text);
  if (!match) return undefined;
  const [, major = '0', minor = '0', patch = '0', pre] = match;
  return new Semver([major, minor, patch].map(BigInt), pre === undefined ? [] : pre.split('.'));
}

/** `v1.02` as `1.2.0`. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text.trim()) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return parts.join('.') + rest;
}

function order(left: Semver, right: Semver): number {
  for (const [i, number] of left.numbers.entries()) {
    const other = right.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  return orderOfPre(left.pre, right.pre);
}

/** A version before a release comes before it; numbers come before words. */
function orderOfPre(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return Math.sign(right.length - left.length);
  for (const [i, part] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const found = orderOfPart(part, other);
    if (found !== 0) return found;
  }
  return left.length === right.length ? 0 : -1;
}

function orderOfPart(left: string, right: string): number {
  if (left === right) return 0;
  const isNumber = /^\d+$/.test(left);
  if (isNumber !== /^\d+$/.test(right)) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(left) < BigInt(right) ? -1 : 1;
  return left < right ? -1 : 1;
}
