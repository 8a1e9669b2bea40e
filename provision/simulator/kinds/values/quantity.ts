import { remembering } from '../../remember.ts';
/** api/resource of apimachinery: amounts such as `100m`, `128Mi`, `1e3` (Kubernetes documentation, "Resource units"). */
import { QUANTITY_LIMIT_CHARACTERS } from '../limits.ts';

/** What upstream answers for text that is not a quantity. */
export const QUANTITY_MESSAGE =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

type Family = 'binary' | 'decimal' | 'exponent';

/** An amount in billionths, which is as fine as Kubernetes counts, and the family of its suffix. */
interface Parsed {
  readonly nano: bigint;
  readonly family: Family;
}

const NANO = 1_000_000_000n;
const BINARY: readonly (readonly [string, bigint])[] = [
  ['Ei', 1n << 60n],
  ['Pi', 1n << 50n],
  ['Ti', 1n << 40n],
  ['Gi', 1n << 30n],
  ['Mi', 1n << 20n],
  ['Ki', 1n << 10n],
];
const DECIMAL: readonly (readonly [string, number])[] = [
  ['E', 18],
  ['P', 15],
  ['T', 12],
  ['G', 9],
  ['M', 6],
  ['k', 3],
  ['', 0],
  ['m', -3],
  ['u', -6],
  ['n', -9],
];
/** Quantities repeat endlessly (`100m`, `128Mi`). */
const parse = remembering(parseNew);

export function isQuantity(text: string): boolean {
  return parse(text) !== undefined;
}

/** The amount as a number: cores, bytes, pieces. NaN when `text` is no quantity. */
export function quantityValue(text: string | number): number {
  const parsed = parse(String(text));
  return parsed ? Number(parsed.nano) / 1e9 : Number.NaN;
}

/** Negative, 0 or positive, as `left` is less than, equal to or more than `right`. Both must be quantities. */
export function compareQuantities(left: string | number, right: string | number): number {
  const difference = nano(left) - nano(right);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The sum of quantities in the family of the first that is not zero; `0` for none. */
export function sumQuantities(quantities: readonly (string | number)[]): string {
  let family: Family | undefined;
  let sum = 0n;
  for (const quantity of quantities) {
    const parsed = parse(String(quantity));
    if (!parsed) continue;
    sum += parsed.nano;
    if (parsed.nano !== 0n) family ??= parsed.family;
  }
  return print({ nano: sum, family: family ?? 'decimal' });
}

/** `left` less `right`, in the family of `left`; both must be quantities. */
export function differenceOf(left: string | number, right: string | number): string {
  const family = parse(String(left))?.family ?? 'decimal';
  return print({ nano: nano(left) - nano(right), family });
}

/** The shortest form without a fraction, as the API server stores it: `0.5` is `500m`, `1024Mi` is `1Gi`. */
export function canonicalQuantity(text: string | number): string | undefined {
  const parsed = parse(String(text));
  return parsed && print(parsed);
}

function nano(text: string | number): bigint {
  return parse(String(text))?.nano ?? 0n;
}

function parseNew(text: string): Parsed | undefined {
  if (text.length > QUANTITY_LIMIT_CHARACTERS) return undefined;
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([A-Za-z]*)([+-]?[0-9]*)$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = '', exponent = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const scaled = scale(digits, fraction.length, suffix, exponent);
  if (!scaled) return undefined;
  return { nano: sign === '-' ? -scaled.nano : scaled.nano, family: scaled.family };
}

function scale(
  digits: bigint,
  fractionLength: number,
  suffix: string,
  exponent: string,
): Parsed | undefined {
  if (exponent !== '') {
    if (suffix !== 'e' && suffix !== 'E') return undefined;
    const power = Number(exponent) - fractionLength;
    return Number.isNaN(power) || Math.abs(power) > 40
      ? undefined
      : { nano: timesPowerOfTen(digits, power + 9), family: 'exponent' };
  }
  const binary = BINARY.find(([name]) => name === suffix);
  if (binary) {
    return {
      nano: divideUp(digits * NANO * binary[1], 10n ** BigInt(fractionLength)),
      family: 'binary',
    };
  }
  const decimal = DECIMAL.find(([name]) => name === suffix);
  return (
    decimal && { nano: timesPowerOfTen(digits, decimal[1] + 9 - fractionLength), family: 'decimal' }
  );
}

function timesPowerOfTen(digits: bigint, power: number): bigint {
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
}

// Kubernetes rounds away from zero what is finer than a billionth.
function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function print({ nano: amount, family }: Parsed): string {
  if (amount === 0n) return '0';
  if (family === 'binary') {
    const whole = amount % NANO === 0n ? amount / NANO : undefined;
    // Amounts below 1024 or with a fraction are written with decimal suffixes.
    const unit = whole === undefined ? undefined : BINARY.find(([, size]) => whole % size === 0n);
    if (whole !== undefined) return unit ? `${whole / unit[1]}${unit[0]}` : String(whole);
  }
  const unit = DECIMAL.find(([, power]) => amount % 10n ** BigInt(power + 9) === 0n);
  if (!unit) return String(amount);
  const [suffix, power] = unit;
  const digits = amount / 10n ** BigInt(power + 9);
  return family === 'exponent' && power !== 0 ? `${digits}e${power}` : `${digits}${suffix}`;
}
