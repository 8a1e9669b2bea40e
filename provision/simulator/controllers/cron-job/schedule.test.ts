import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextTime, parseSchedule, ScheduleError } from './schedule.ts';

function next(schedule: string, after: string, timeZone?: string): string | undefined {
  const atMs = nextTime(parseSchedule(schedule), Date.parse(after), timeZone);
  return atMs === undefined ? undefined : new Date(atMs).toISOString();
}

test('nextTime() finds the next moment of a schedule', () => {
  const after = '2026-01-01T10:17:30Z';
  const times = {
    '* * * * *': '2026-01-01T10:18:00.000Z',
    '*/15 * * * *': '2026-01-01T10:30:00.000Z',
    '5/20 * * * *': '2026-01-01T10:25:00.000Z',
    '0 9-17/4 * * *': '2026-01-01T13:00:00.000Z',
    '30 8 * * mon,Fri': '2026-01-02T08:30:00.000Z',
    '0 0 * * 7': '2026-01-04T00:00:00.000Z',
    '0 0 29 feb *': '2028-02-29T00:00:00.000Z',
    '@hourly': '2026-01-01T11:00:00.000Z',
    '@monthly': '2026-02-01T00:00:00.000Z',
  };
  for (const [schedule, time] of Object.entries(times)) assert.equal(next(schedule, after), time);
});

test('nextTime() takes days of the month and of the week as alternatives when both are given', () => {
  assert.equal(next('0 0 13 * fri', '2026-01-03T00:00:00Z'), '2026-01-09T00:00:00.000Z');
  assert.equal(next('0 0 13 * fri', '2026-01-09T00:00:00Z'), '2026-01-13T00:00:00.000Z');
});

test('nextTime() goes by the clocks of a time zone, summer time included', () => {
  assert.equal(
    next('0 9 * * *', '2026-01-01T00:00:00Z', 'Europe/Paris'),
    '2026-01-01T08:00:00.000Z',
  );
  assert.equal(
    next('0 9 * * *', '2026-07-01T00:00:00Z', 'Europe/Paris'),
    '2026-07-01T07:00:00.000Z',
  );
  assert.equal(
    next('0 9 * * *', '2026-01-01T02:00:00Z', 'Asia/Shanghai'),
    '2026-01-02T01:00:00.000Z',
  );
  assert.throws(() => next('0 9 * * *', '2026-01-01T00:00:00Z', 'Mars/Base'), RangeError);
});

test('nextTime() knows of a schedule that never comes', () => {
  assert.equal(next('0 0 30 feb *', '2026-01-01T00:00:00Z'), undefined);
});

test('parseSchedule() says what is wrong with a text', () => {
  const messages = {
    '* * * *': 'expected exactly 5 fields, found 4: [* * * *]',
    '60 * * * *': 'end of range (60) above maximum (59): 60',
    '5-1 * * * *': 'beginning of range (5) beyond end of range (1): 5-1',
    '*/0 * * * *': 'step of range should be a positive number: */0',
    'x * * * *': 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax',
  };
  for (const [text, message] of Object.entries(messages)) {
    assert.throws(() => parseSchedule(text), new ScheduleError(message));
  }
});

test('parseSchedule() knows equal distances and no other descriptors', () => {
  assert.equal(nextTime(parseSchedule('@every 1h30m'), 0), 90 * 60_000);
  assert.throws(
    () => parseSchedule('@often'),
    new ScheduleError('unrecognized descriptor: @often'),
  );
});
