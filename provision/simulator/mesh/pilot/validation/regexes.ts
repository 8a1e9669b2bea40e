/** Regular expressions in routes: what RE2 says of them, and what an object full of them may cost. */
import { patternProblem } from '../../../pattern.ts';
import { REGEX_LIMIT_CHARACTERS } from './limits.ts';
import { quote } from './names.ts';

/** What istiod says of an expression that is not empty. */
export function regexProblem(regex: string, where: string): string | undefined {
  if (Buffer.byteLength(regex) > REGEX_LIMIT_CHARACTERS) {
    return `${quote(where)}: regex is too large, max length allowed is ${REGEX_LIMIT_CHARACTERS}`;
  }
  const problem = patternProblem(regex);
  if (problem === undefined) return undefined;
  return `${quote(where)}: ${problem}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`;
}

/** How large an expression becomes at most: a repetition of a repetition is no more than a thousand, says RE2. */
export function stepsOf(regex: string): number {
  const repeats = regex.matchAll(/\{(?:\d+,)?(\d+)/g);
  return (
    regex.length *
    repeats.reduce((most, [, count]) => Math.min(most * Math.max(Number(count), 1), 1_000), 1)
  );
}
