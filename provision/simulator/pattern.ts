/**
 * Regular expressions as Go and Envoy read them (RE2): the syntax, the words for mistakes, and matching in time linear in the
 * text, so that what a learner writes into a route or a schema cannot hold up the clusters of others.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';

import { SEARCH_LIMIT_STEPS } from './limits.ts';
import { remembering } from './remember.ts';

/** An expression that RE2 cannot read, in Go's words: ``error parsing regexp: missing closing ): `(` ``. */
export class PatternError extends Error {}

export interface Pattern {
  /** Whether the whole text matches. */
  readonly isWhole: (text: string) => boolean;
  /** Whether some part of the text matches. */
  readonly isIn: (text: string) => boolean;
  /**
   * The first `limit` parts of the text that match.
   * @throws PatternCostError for a long text and an expression that repeats much
   */
  readonly found: (text: string, limit: number) => readonly string[];
  /**
   * The text with each match replaced; `\1` in the replacement is the first group, as RE2 has it.
   * @throws PatternCostError for a long text and an expression that repeats much
   */
  readonly replaceAll: (text: string, replacement: string) => string;
}

/** Looking for the place of a match would take too long; whether there is one never does. */
export class PatternCostError extends Error {}

/** @throws PatternError when RE2 cannot read the expression */
export function compilePattern(expression: string): Pattern {
  const pattern = compiled(expression);
  if (pattern instanceof PatternError) throw pattern;
  return pattern;
}

/** Why RE2 cannot read an expression, in Go's words; undefined when it can. */
export function patternProblem(expression: string): string | undefined {
  try {
    compilePattern(expression);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

const compiled = remembering((expression: string): Pattern | PatternError => {
  try {
    return patternOf(RE2JS.compile(expression));
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return new PatternError(error.message);
    throw error;
  }
});

function patternOf(regex: RE2JS): Pattern {
  const check = (text: string) => {
    if (regex.programSize() * text.length <= SEARCH_LIMIT_STEPS) return;
    throw new PatternCostError(
      `Cannot search ${text.length} characters for ${regex.pattern()}: it would take too long`,
    );
  };
  return {
    isWhole: (text) => regex.testExact(text),
    isIn: (text) => regex.test(text),
    found(text, limit) {
      check(text);
      return Iterator.from(regex.matchAll(text))
        .take(Math.min(limit, text.length + 1))
        .map(([match]) => match)
        .toArray();
    },
    replaceAll(text, replacement) {
      check(text);
      // RE2 writes groups as \1, and the whole as \0, where this library has $1 and $&.
      const words = replacement
        .replaceAll('$', '$$$$')
        .replaceAll(/\\(\d)/g, (_, group: string) => (group === '0' ? '$&' : `$${group}`));
      return regex.matcher(text).replaceAll(words);
    },
  };
}
