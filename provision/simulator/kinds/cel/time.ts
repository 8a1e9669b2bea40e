/** Times and durations as Go and CEL write them. */
import { Duration, Timestamp } from './value.ts';

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  // Formats of schemas know days and weeks; the function duration() does not.
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
};
const MAX_NANOS = 2n ** 63n - 1n;
const SECOND = 1_000_000_000n;
/** From the year 1 to the end of the year 9999. */
const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_799n;

/** Reads `1h30m`, also with days and weeks; undefined when it is no duration. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign, amounts] =
    /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|[smhdw]))+|0)$/.exec(text) ?? [];
  if (amounts === undefined) return undefined;
  let nanos = 0n;
  for (const [, amount = '', unit = ''] of amounts.matchAll(/([\d.]+)([a-zµμ]+)/g)) {
    nanos += amountIn(amount, UNITS[unit] ?? 0n);
  }
  return nanos > MAX_NANOS ? undefined : new Duration(sign === '-' ? -nanos : nanos);
}

function amountIn(amount: string, unit: bigint): bigint {
  const [whole = '', fraction = ''] = amount.slice(0, 40).split('.');
  const parts = BigInt(fraction === '' ? 0 : fraction) * unit;
  return BigInt(whole === '' ? 0 : whole) * unit + parts / 10n ** BigInt(fraction.length);
}

/** Reads a time of RFC 3339; undefined when it is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const [, date = '', clock = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(`${date}T${clock}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return new Timestamp(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

export function isInRange({ nanos }: Timestamp): boolean {
  return nanos >= FIRST_SECOND * SECOND && nanos < (LAST_SECOND + 1n) * SECOND;
}

/** `2024-01-01T00:00:00.5Z`. */
export function timestampText({ nanos }: Timestamp): string {
  const fraction = ((nanos % SECOND) + SECOND) % SECOND;
  const date = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString();
  return `${date.slice(0, 19)}${fractionText(fraction, 9)}Z`;
}

/** Seconds, as string() gives them: `5400s`. */
export function durationText({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / SECOND}${fractionText(size % SECOND, 9)}s`;
}

function fractionText(amount: bigint, digits: number): string {
  if (amount === 0n) return '';
  return `.${String(amount).padStart(digits, '0').replace(/0+$/, '')}`;
}
