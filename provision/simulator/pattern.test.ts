import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compilePattern, PatternCostError, patternProblem } from './pattern.ts';

test('A pattern says whether a text, or a part of it, matches', () => {
  const pattern = compilePattern('/reviews/[0-9]+(/.*)?');
  const texts = ['/reviews/7', '/reviews/7/x', 'a/reviews/7', '/reviews/x'];
  assert.deepEqual(
    texts.map((text) => [pattern.isWhole(text), pattern.isIn(text)]),
    [
      [true, true],
      [true, true],
      [false, true],
      [false, false],
    ],
  );
});

test('A pattern finds its matches in order, empty ones too, as many as asked for', () => {
  assert.deepEqual(compilePattern('a+').found('aa b a', 9), ['aa', 'a']);
  assert.deepEqual(compilePattern('a+').found('aa b a', 1), ['aa']);
  assert.deepEqual(compilePattern('').found('ab', Number.POSITIVE_INFINITY), ['', '', '']);
});

test('A pattern replaces by groups as RE2 writes them, and keeps dollars', () => {
  const pattern = compilePattern(String.raw`(\w+)/(\w+)?`);
  assert.equal(pattern.replaceAll('x/y z/', String.raw`\2-\1 $1 \0`), 'y-x $1 x/y -z $1 z/');
});

test('patternProblem() says in the words of Go what is wrong with an expression', () => {
  const problems = ['ok', '(', '[a', '*a', 'a**', '(?=a)', String.raw`\1`].map(patternProblem);
  assert.deepEqual(problems, [
    undefined,
    'error parsing regexp: missing closing ): `(`',
    'error parsing regexp: missing closing ]: `[a`',
    'error parsing regexp: missing argument to repetition operator: `*`',
    'error parsing regexp: invalid nested repetition operator: `**`',
    'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    String.raw`error parsing regexp: invalid escape sequence: ` + '`\\1`',
  ]);
});

test('A pattern that would take V8 for ever says no, and a search that would take long is refused', () => {
  const text = `${'a'.repeat(50_000)}b`;
  assert.equal(compilePattern('^(a+)+$').isIn(text), false);
  assert.throws(() => compilePattern('(a?){1000}$').found(text, 1), PatternCostError);
});
