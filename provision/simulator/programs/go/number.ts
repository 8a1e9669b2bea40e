/** Powers of ten below this one are written with an exponent (Go's strconv, format 'g'). */
const SMALLEST_EXPONENT = -4;
/** From this one on too, when no precision is given; else from the precision on. */
const SHORTEST_EXPONENT = 6;

/**
 * A number as Go's `%g` writes it, with so many significant digits or as few as tell it apart:
 * `0.0045`, `5e-05`, `1.5e+06` (with precision 2).
 */
export function goNumber(value: number, precision?: number): string {
  if (value === 0 || !Number.isFinite(value)) return SPECIAL.get(value) ?? '0';
  const text = precision === undefined ? value.toExponential() : value.toExponential(precision - 1);
  const [, sign = '', first = '', rest = '', power = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  const digits = `${first}${rest}`.replace(/0+$/, '') || '0';
  const exponent = Number(power);
  const limit = precision ?? SHORTEST_EXPONENT;
  if (exponent < SMALLEST_EXPONENT || exponent >= limit) {
    return sign + scientific(digits, exponent);
  }
  return sign + plain(digits, exponent);
}

const SPECIAL: ReadonlyMap<number, string> = new Map([
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
]);

function scientific(digits: string, exponent: number): string {
  const mantissa = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
