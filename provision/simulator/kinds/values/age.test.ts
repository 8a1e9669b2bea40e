import assert from 'node:assert/strict';
import { test } from 'node:test';

import { age, humanDuration } from './age.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('humanDuration() gives two units only while the smaller one matters', () => {
  const durations = [
    0,
    95 * SECOND,
    119 * SECOND,
    2 * MINUTE,
    3 * MINUTE + 5 * SECOND,
    44 * MINUTE,
    2 * HOUR + 59 * MINUTE,
    5 * HOUR + 12 * MINUTE,
    30 * HOUR,
    3 * DAY + 4 * HOUR,
    45 * DAY,
    3 * 365 * DAY + 12 * DAY,
    9 * 365 * DAY,
    -SECOND,
    -3 * SECOND,
  ];
  assert.deepEqual(durations.map(humanDuration), [
    '0s',
    '95s',
    '119s',
    '2m',
    '3m5s',
    '44m',
    '179m',
    '5h12m',
    '30h',
    '3d4h',
    '45d',
    '3y12d',
    '9y',
    '0s',
    '<invalid>',
  ]);
});

test('age() of an unset time is unknown', () => {
  assert.equal(age(undefined, 0), '<unknown>');
});
