/** Regular expressions of Go (RE2), which always end, by those of JavaScript, which may not. */
import { createContext, Script } from 'node:vm';

import { PATTERN_CACHE_LIMIT, PATTERN_LIMIT_MS } from './limits.ts';
import { CostError, EvaluationError } from './value.ts';

const known = new Map<string, RegExp>();

function compiled(pattern: string): RegExp {
  const before = known.get(pattern);
  if (before) return before;
  const made = newPattern(pattern);
  if (known.size >= PATTERN_CACHE_LIMIT) known.clear();
  known.set(pattern, made);
  return made;
}

function newPattern(pattern: string): RegExp {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)(.*)$/s.exec(pattern) ?? [];
  const source = rest
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\\[Az]/g, (end) => (end === '\\A' ? '^' : '$'))
    .replaceAll(/\[\[:(\w+):\]\]/g, (whole, name: string) => CLASSES[name] ?? whole);
  if (/\(\?(<?[=!])|\\[1-9]/.test(source.replaceAll(/\\\\/g, ''))) {
    throw new EvaluationError(
      `error parsing regexp: invalid or unsupported Perl syntax: \`${/\(\?<?[=!]?|\\[1-9]/.exec(source)?.[0] ?? ''}\``,
    );
  }
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    return looser(pattern, source, flags);
  }
}

/** Go takes escapes such as `\_` that JavaScript takes only without the flag `u`. */
function looser(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch {
    throw new EvaluationError(`error parsing regexp: ${goWords(pattern)}`);
  }
}

/** What Go says of a pattern that cannot be read. */
function goWords(pattern: string): string {
  const plain = pattern.replaceAll(/\\./gs, '__');
  const bracket = plain.search(/\[(?!\^?\]?[^\]]*\])/);
  if (bracket >= 0) return `missing closing ]: \`${pattern.slice(bracket)}\``;
  const operator = /(?:^|[(|])([*+?])/.exec(plain)?.[1];
  if (operator !== undefined) return `missing argument to repetition operator: \`${operator}\``;
  const opened = plain.split('(').length - plain.split(')').length;
  if (opened > 0) return `missing closing ): \`${pattern}\``;
  if (opened < 0) return `unexpected ): \`${pattern}\``;
  return pattern.endsWith('\\')
    ? 'trailing backslash at end of expression: ``'
    : `invalid pattern: \`${pattern}\``;
}

/** Why a regular expression cannot be read; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compiled(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]',
  digit: '[0-9]',
  alnum: '[0-9A-Za-z]',
  upper: '[A-Z]',
  lower: '[a-z]',
  space: '\\s',
  word: '\\w',
  xdigit: '[0-9A-Fa-f]',
};

/** Whether a part of the text matches. */
export function isMatch(pattern: string, text: string): boolean {
  return found(pattern, text, 1).length > 0;
}

/** The first `limit` parts of the text that match. */
export function found(pattern: string, text: string, limit: number): readonly string[] {
  const regex = compiled(pattern);
  if (isQuick(pattern, text)) return firstMatches(regex, text, limit);
  return watched(regex, text, limit);
}

/** With so few repetitions matching ends soon, however it fails. */
function isQuick(pattern: string, text: string): boolean {
  const repetitions = pattern.match(/[*+{]/g)?.length ?? 0;
  const isNested = /\)[*+{]/.test(pattern);
  return (
    repetitions === 0 ||
    text.length <= 16 ||
    (repetitions <= 2 && !isNested && text.length <= 2_000)
  );
}

function firstMatches(regex: RegExp, text: string, limit: number): readonly string[] {
  const matches: string[] = [];
  for (const [match] of text.matchAll(new RegExp(regex, `${regex.flags}g`))) {
    if (matches.length >= limit) break;
    matches.push(match);
  }
  return matches;
}

// A script's time limit is the one way to end a match that does not end by itself.
const script = new Script('run()');

function watched(regex: RegExp, text: string, limit: number): readonly string[] {
  let matches: readonly string[] = [];
  const context = createContext({
    run: () => {
      matches = firstMatches(regex, text, limit);
    },
  });
  try {
    script.runInContext(context, { timeout: PATTERN_LIMIT_MS });
  } catch (error) {
    // The error is of the script's own realm, so no instance of ours.
    if (typeof error === 'object' && error !== null && 'code' in error) {
      throw new CostError('operation cancelled: actual cost limit exceeded', { cause: error });
    }
    throw error;
  }
  return matches;
}
