import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goDuration, parseGoDuration } from './duration.ts';
import { goFlag } from './flag.ts';
import { goNumber } from './number.ts';

test('parseGoDuration() reads what time.ParseDuration does, and nothing else', () => {
  const texts = ['0', '1.5s', '300ms', '2h45m', '-1m30s', '.5s', '5', '5x', '', '1 s'];
  assert.deepEqual(texts.map(parseGoDuration), [
    0,
    1_500,
    300,
    9_900_000,
    -90_000,
    500,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('goDuration() writes what time.Duration prints', () => {
  const times = [0, 0.0005, 0.0123, 51.9, 1_500, 10_000, 60_000, 3_661_500];
  assert.deepEqual(times.map(goDuration), [
    '0s',
    '500ns',
    '12.3µs',
    '51.9ms',
    '1.5s',
    '10s',
    '1m0s',
    '1h1m1.5s',
  ]);
});

test('goNumber() writes what %g does, with and without a precision', () => {
  const asked = [
    goNumber(0.0045),
    goNumber(0.00005),
    goNumber(100),
    goNumber(4),
    goNumber(99.9),
    goNumber(0.123456789, 4),
    goNumber(1_234_567, 6),
    goNumber(100_000, 9),
    goNumber(-1, 8),
    goNumber(0, 4),
  ];
  assert.deepEqual(asked, [
    '0.0045',
    '5e-05',
    '100',
    '4',
    '99.9',
    '0.1235',
    '1.23457e+06',
    '100000',
    '-1',
    '0',
  ]);
});

test('goFlag() reads a value in the next word or behind an equals sign, and none of a flag that is not there', () => {
  const words = ['serve', '-port', '80', '--text=a=b', '-last'];
  assert.deepEqual(
    ['port', 'text', 'last', 'other'].map((name) => goFlag(words, name)),
    ['80', 'a=b', undefined, undefined],
  );
});
