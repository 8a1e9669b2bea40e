/** Conversions between types (CEL language definition, "Functions"). */
import { checkedInt, checkedUint } from '../operators.ts';
import * as p from '../overload.ts';
import { bool, bytes, double, fn, int, string, uint, type Overload } from '../overload.ts';
import { durationText, isInRange, parseDuration, parseTimestamp, timestampText } from '../time.ts';
import { Duration, EvaluationError, Timestamp, typeName, TypeValue } from '../value.ts';
import { doubleText } from './string-format.ts';

export const conversions: readonly Overload[] = [
  fn('dyn', [p.any('A')], p.dyn, (value) => value),
  fn('type', [p.any('A')], p.typeOfAny, (value) => new TypeValue(typeName(value))),
  fn('bool', [bool], bool, (value) => value),
  fn('bool', [string], bool, toBool),
  fn('int', [int], int, (value) => value),
  fn('int', [uint], int, ({ value }) => checkedInt(value)),
  fn('int', [double], int, truncated),
  fn('int', [string], int, (text) => checkedInt(whole(text, 'int'))),
  fn('int', [p.timestamp], int, ({ nanos }) => (nanos - modulo(nanos)) / SECOND),
  fn('int', [p.duration], int, ({ nanos }) => nanos),
  fn('uint', [uint], uint, (value) => value),
  fn('uint', [int], uint, (value) => checkedUint(value)),
  fn('uint', [double], uint, (value) => checkedUint(truncated(value))),
  fn('uint', [string], uint, (text) => checkedUint(whole(text, 'uint'))),
  fn('double', [double], double, (value) => value),
  fn('double', [int], double, Number),
  fn('double', [uint], double, ({ value }) => Number(value)),
  fn('double', [string], double, toDouble),
  fn('string', [string], string, (value) => value),
  fn('string', [bool], string, String),
  fn('string', [int], string, String),
  fn('string', [uint], string, ({ value }) => String(value)),
  fn('string', [double], string, doubleText),
  fn('string', [bytes], string, (value) => Buffer.from(value).toString('utf8')),
  fn('string', [p.timestamp], string, timestampText),
  fn('string', [p.duration], string, durationText),
  fn('bytes', [bytes], bytes, (value) => value),
  fn('bytes', [string], bytes, (text) => Buffer.from(text)),
  fn('timestamp', [p.timestamp], p.timestamp, (value) => value),
  fn('timestamp', [string], p.timestamp, toTimestamp),
  fn('timestamp', [int], p.timestamp, (seconds) => inRange(new Timestamp(seconds * SECOND))),
  fn('duration', [p.duration], p.duration, (value) => value),
  fn('duration', [string], p.duration, toDuration),
  fn('duration', [int], p.duration, (nanos) => new Duration(nanos)),
];

const SECOND = 1_000_000_000n;

function modulo(nanos: bigint): bigint {
  return ((nanos % SECOND) + SECOND) % SECOND;
}

function toBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new EvaluationError(`type conversion error from 'string' to 'bool'`);
}

function truncated(value: number): bigint {
  if (!Number.isFinite(value)) throw new EvaluationError('integer overflow');
  return checkedInt(BigInt(Math.trunc(value)));
}

function whole(text: string, type: string): bigint {
  if (/^[+-]?\d{1,30}$/.test(text)) return BigInt(text.replace(/^\+/, ''));
  throw new EvaluationError(
    `strconv.Parse${type === 'int' ? 'Int' : 'Uint'}: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function toDouble(text: string): number {
  if (/^[+-]?(inf|infinity)$/i.test(text)) {
    return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isNaN(value)) return value;
  throw new EvaluationError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function toTimestamp(text: string): Timestamp {
  const time = parseTimestamp(text);
  if (time) return inRange(time);
  throw new EvaluationError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
}

function inRange(time: Timestamp): Timestamp {
  if (!isInRange(time)) throw new EvaluationError('timestamp overflow');
  return time;
}

function toDuration(text: string): Duration {
  const duration = /[dw]/.test(text) ? undefined : parseDuration(text);
  if (duration) return duration;
  throw new EvaluationError(`time: invalid duration ${JSON.stringify(text)}`);
}
