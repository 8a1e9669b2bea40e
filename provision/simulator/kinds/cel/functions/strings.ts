import { STRING_RESULT_LIMIT } from '../limits.ts';
/** Functions on strings: CEL's own and the extension `strings` (cel-go, ext/strings). Indexes count code points. */
import { bool, fn, int, list, method, string, type Overload } from '../overload.ts';
import * as p from '../overload.ts';
import { CelList, EvaluationError, type CelValue } from '../value.ts';
import { formatted } from './string-format.ts';

export const strings: readonly Overload[] = [
  method('contains', [string, string], bool, (text, part) => text.includes(part)),
  method('startsWith', [string, string], bool, (text, part) => text.startsWith(part)),
  method('endsWith', [string, string], bool, (text, part) => text.endsWith(part)),
  fn('size', [string], int, (text) => BigInt(length(text))),
  method('size', [string], int, (text) => BigInt(length(text))),
  method('charAt', [string, int], string, charAt),
  method('indexOf', [string, string], int, (text, part) => indexOf(text, part, 0n)),
  method('indexOf', [string, string, int], int, indexOf),
  method('lastIndexOf', [string, string], int, (text, part) => lastIndexOf(text, part)),
  method('lastIndexOf', [string, string, int], int, lastIndexOf),
  method('lowerAscii', [string], string, (text) => ascii(text, /[A-Z]+/g, (t) => t.toLowerCase())),
  method('upperAscii', [string], string, (text) => ascii(text, /[a-z]+/g, (t) => t.toUpperCase())),
  method('replace', [string, string, string], string, (text, from, to) => replace(text, from, to)),
  method('replace', [string, string, string, int], string, replace),
  method('split', [string, string], list(string), (text, by) => split(text, by)),
  method('split', [string, string, int], list(string), split),
  method('substring', [string, int], string, (text, from) => substring(text, from)),
  method('substring', [string, int, int], string, substring),
  method('trim', [string], string, (text) => text.trim()),
  method('reverse', [string], string, (text) => Array.from(text).toReversed().join('')),
  method('join', [list(string)], string, (texts) => join(texts, '')),
  method('join', [list(string), string], string, join),
  method('format', [string, list(p.dyn)], string, (text, values) => formatted(text, values)),
  fn('strings.quote', [string], string, (text) => JSON.stringify(text)),
];

const ASCII = /^[\x20-\x7e]*$/;

function points(text: string): readonly string[] {
  return ASCII.test(text) ? text.split('') : Array.from(text);
}

function length(text: string): number {
  return ASCII.test(text) ? text.length : Array.from(text).length;
}

function charAt(text: string, index: bigint): string {
  const all = points(text);
  if (index < 0n || index > all.length) throw outOfRange(index);
  return all[Number(index)] ?? '';
}

function outOfRange(index: bigint): EvaluationError {
  return new EvaluationError(`index out of range: ${index}`);
}

function indexOf(text: string, part: string, from: bigint): bigint {
  const all = points(text);
  if (from < 0n || (from > all.length && part !== '')) throw outOfRange(from);
  const start = all.slice(0, Number(from)).join('').length;
  const found = text.indexOf(part, start);
  return found < 0 ? -1n : BigInt(length(text.slice(0, found)));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const all = points(text);
  if (from !== undefined && (from < 0n || from > all.length)) throw outOfRange(from);
  const end = from === undefined ? text.length : all.slice(0, Number(from)).join('').length;
  const found = text.lastIndexOf(part, end);
  return found < 0 ? -1n : BigInt(length(text.slice(0, found)));
}

function ascii(text: string, letters: RegExp, change: (text: string) => string): string {
  return text.replace(letters, change);
}

function replace(text: string, from: string, to: string, limit = -1n): string {
  const count = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  const parts = from === '' ? ['', ...points(text), ''] : text.split(from);
  const kept = Math.min(parts.length - 1, count);
  refuseHuge(text.length + kept * to.length);
  return parts.slice(0, kept + 1).join(to) + tail(parts, kept, from);
}

function tail(parts: readonly string[], kept: number, by: string): string {
  const rest = parts.slice(kept + 1);
  return rest.length === 0 ? '' : by + rest.join(by);
}

function refuseHuge(size: number): void {
  if (size > STRING_RESULT_LIMIT)
    throw new EvaluationError('result of string operation is too long');
}

function split(text: string, by: string, limit = -1n): CelList {
  if (limit === 0n) return new CelList([]);
  const parts = by === '' ? points(text) : text.split(by);
  if (limit < 0n || parts.length <= limit) return new CelList(parts);
  const kept = Number(limit) - 1;
  return new CelList([...parts.slice(0, kept), parts.slice(kept).join(by)]);
}

function substring(text: string, from: bigint, to?: bigint): string {
  const all = points(text);
  const end = to ?? BigInt(all.length);
  if (from < 0n || from > all.length) throw outOfRange(from);
  if (end < 0n || end > all.length) throw outOfRange(end);
  if (from > end) {
    throw new EvaluationError(`invalid substring range. start: ${from}, end: ${end}`);
  }
  return all.slice(Number(from), Number(end)).join('');
}

function join(texts: CelList, by: string): string {
  const parts = texts.items.map(textOf);
  refuseHuge(parts.reduce((sum, part) => sum + part.length + by.length, 0));
  return parts.join(by);
}

function textOf(value: CelValue): string {
  if (typeof value !== 'string') throw new EvaluationError('no such overload');
  return value;
}
