import { withoutTrailingBlanks } from './transcript.ts';

/** What may stand for values that differ from run to run. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  age: String.raw`(?:(?:\d+[smhdy]){1,2}|<unknown>|<invalid>)`,
  uid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  hash: '[a-z0-9]{4,10}',
  ip: String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]+)`,
  time: String.raw`(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4})`,
  int: String.raw`\d+`,
  number: String.raw`\d+(?:\.\d+)?`,
  hex: '[0-9a-f]+',
  version: String.raw`v?\d+\.\d+(?:\.\d+)?[-+.\w]*`,
  any: String.raw`\S+`,
  line: '.*',
};
const ANY_LINES = '{...}';
const RANGE = /^\{(\d+)\.\.(\d+)\}$/;
/** A range is written out in the pattern, number by number. */
const RANGE_LIMIT = 10_000;
/**
 * What the client notes for itself, which depends on the moment alone: a watch that it gave up; and, before 1.31, the empty
 * message by which every API server opens a stream over a WebSocket, when that is faster than the client is ready for it.
 */
const CLIENT_LOG =
  /^[EIW]\d{4} [\d:.]+ +\d+ (?:reflector\.go:\d+\] |websocket\.go:\d+\] Unknown stream id \d+, discarding message$)/;

/**
 * Whether output is what a transcript expects: placeholders match what they stand for (`{8..12}` a whole
 * number from 8 to 12), columns may be wider or narrower
 * (inside a line, two or more spaces are as good as any other number of them), blanks at the end of lines do not count.
 */
export function isAsExpected(
  expected: readonly string[],
  actual: string,
  namespace: string,
): boolean {
  const pattern = expected.map((line) => linePattern(line, namespace)).join('');
  const lines = withoutTrailingBlanks(
    actual.split(/\r?\n/).filter((line) => !CLIENT_LOG.test(line)),
  ).map((line) => `${asWritten(line)}\n`);
  return new RegExp(`^${pattern}$`).test(lines.join(''));
}

/** kubectl 1.34 and newer name the namespace of what they delete; transcripts have the words of the older ones. */
function asWritten(line: string): string {
  return line.replace(/ deleted from \S+ namespace$/, ' deleted');
}

function linePattern(line: string, namespace: string): string {
  if (line.trim() === ANY_LINES) return String.raw`(?:.*\n)*?`;
  const [, indent = '', text = ''] = /^(\s*)(.*?)\s*$/.exec(line) ?? [];
  const parts = text
    .split(/(\{(?:[a-z]+|\d+\.\.\d+)\}| {2,})/)
    .map((part) => partPattern(part, namespace))
    .join('');
  return String.raw`${indent}${parts} *\n`;
}

function partPattern(part: string, namespace: string): string {
  if (/^ {2,}$/.test(part)) return ' {2,}';
  if (part === '{namespace}') return namespace;
  const [, least, most] = RANGE.exec(part) ?? [];
  if (least !== undefined) return rangePattern(Number(least), Number(most));
  const placeholder = PLACEHOLDERS[part.slice(1, -1)];
  return part.startsWith('{') && placeholder !== undefined ? placeholder : RegExp.escape(part);
}

function rangePattern(least: number, most: number): string {
  const length = most - least + 1;
  if (length < 1 || length > RANGE_LIMIT) {
    throw new RangeError(`Cannot expect a number from ${least} to ${most}`);
  }
  return `(?:${Array.from({ length }, (_, index) => least + index).join('|')})`;
}
