/** `"%s has %d".format([…])` (cel-go, ext/strings). */
import { STRING_RESULT_LIMIT } from '../limits.ts';
import { durationText, timestampText } from '../time.ts';
import {
  CelList,
  Duration,
  EvaluationError,
  isMap,
  Timestamp,
  typeName,
  TypeValue,
  Uint,
  type CelValue,
} from '../value.ts';

export function formatted(text: string, { items }: CelList): string {
  let next = 0;
  let size = text.length;
  return text.replace(/%(?:(%)|(?:\.(\d+))?(.)|$)/gsu, (_, percent, precision, verb) => {
    if (percent !== undefined) return '%';
    if (typeof verb !== 'string') throw new EvaluationError('unexpected end of string');
    const value = items[next];
    if (value === undefined) throw new EvaluationError(`index ${next} out of range`);
    next++;
    const part = clause(verb, value, typeof precision === 'string' ? Number(precision) : undefined);
    size += part.length;
    checkLength(size);
    return part;
  });
}

function clause(verb: string, value: CelValue, precision: number | undefined): string {
  switch (verb) {
    case 's':
      return shown(value);
    case 'd':
      return wholeText(value, 10);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : wholeText(value, 2);
    case 'o':
      return wholeText(value, 8);
    case 'x':
      return hexText(value);
    case 'X':
      return hexText(value).toUpperCase();
    case 'f':
      return realText(value, 'fixed-point', (real) => real.toFixed(digits(precision)));
    case 'e':
      return realText(value, 'scientific', (real) => exponentText(real, digits(precision)));
    default:
      throw new EvaluationError(
        `could not parse formatting clause: unrecognized formatting clause "${verb}"`,
      );
  }
}

/** Go writes at least two digits of the exponent. */
function exponentText(real: number, precision?: number): string {
  return real.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** JavaScript writes at most a hundred digits. */
function digits(precision = 6): number {
  return Math.min(precision, 100);
}

function refused(value: CelValue, clauseName: string, wanted: string): EvaluationError {
  return new EvaluationError(
    `error during formatting: ${clauseName} clause can only be used on ${wanted}, was given ${typeName(value)}`,
  );
}

function wholeText(value: CelValue, base: number): string {
  if (typeof value === 'bigint') return value.toString(base);
  if (value instanceof Uint) return value.value.toString(base);
  if (typeof value === 'number' && !Number.isFinite(value)) return shown(value);
  const [name, wanted] =
    base === 10
      ? ['decimal', 'integers']
      : base === 2
        ? ['binary', 'integers and bools']
        : ['octal', 'integers'];
  throw refused(value, name ?? '', wanted ?? '');
}

function hexText(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'bigint') return value.toString(16);
  if (value instanceof Uint) return value.value.toString(16);
  throw refused(value, 'hex', 'integers, byte buffers, and strings');
}

function realText(value: CelValue, name: string, write: (real: number) => string): string {
  const real =
    value instanceof Uint ? Number(value.value) : typeof value === 'bigint' ? Number(value) : value;
  if (typeof real !== 'number') throw refused(value, name, 'doubles');
  return Number.isFinite(real) ? write(real) : shown(real);
}

function shown(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return doubleText(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof CelList) return `[${joined(value.items.map(shown))}]`;
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.name;
  if (!isMap(value))
    throw refused(
      value,
      'string',
      'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    );
  const entries = value.keys().map((key) => `${shown(key)}: ${shown(value.get(key) ?? null)}`);
  return `{${joined(entries.toSorted())}}`;
}

function joined(parts: readonly string[]): string {
  checkLength(parts.reduce((sum, part) => sum + part.length, 0));
  return parts.join(', ');
}

function checkLength(size: number): void {
  if (size > STRING_RESULT_LIMIT) {
    throw new EvaluationError('result of string operation is too long');
  }
}

/** A double as Go writes it. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e21) return String(value);
  return exponentText(value);
}
