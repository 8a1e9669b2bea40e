const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const WHOLE = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Longest text that is read as a duration. */
const TEXT_LIMIT_CHARS = 100;

/** Milliseconds of a duration as Go's time.ParseDuration reads it (`1.5s`, `300ms`, `2h45m`); undefined when it is none. */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (text.length > TEXT_LIMIT_CHARS) return undefined;
  const [, sign, parts = ''] = WHOLE.exec(text) ?? [];
  if (sign === undefined) return undefined;
  let sumMs = 0;
  for (const [, number, unit = ''] of parts.matchAll(PART)) {
    sumMs += Number(number) * (UNIT_MS[unit] ?? 0);
  }
  return sign === '-' ? -sumMs : sumMs;
}

/** Milliseconds as Go prints a time.Duration: `51.9ms`, `1.5s`, `1m0s`. */
export function goDuration(durationMs: number): string {
  const nanos = Math.round(Math.abs(durationMs) * 1e6);
  const sign = durationMs < 0 ? '-' : '';
  if (nanos === 0) return '0s';
  if (nanos < 1e3) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${trimmed(nanos / 1e3, 3)}µs`;
  if (nanos < 1e9) return `${sign}${trimmed(nanos / 1e6, 6)}ms`;
  const hours = Math.floor(nanos / 3.6e12);
  const minutes = Math.floor((nanos % 3.6e12) / 6e10);
  const seconds = `${trimmed((nanos % 6e10) / 1e9, 9)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, '');
}
