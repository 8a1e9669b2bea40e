import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import type { TimeView } from '#protocol';

import {
  EXTENSION_MS,
  EXTENSIONS,
  IDLE_MS,
  LEFT_SESSION_MS,
  SESSION_MS,
  UNWATCHED_SESSION_MS,
} from '../limits.ts';
import { SessionTime } from './session-time.ts';

const MINUTE_MS = 60_000;

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
afterEach(() => mock.timers.reset());

/** The time of a session and what was said of it. */
function newTime(options: { readonly idleMs?: number; readonly totalMs?: number } = {}) {
  const said: (TimeView | string)[] = [];
  const time: SessionTime = new SessionTime({
    idleMs: IDLE_MS,
    totalMs: SESSION_MS,
    ...options,
    now: Date.now,
    onNews: () => said.push(time.view),
    onOver: (why) => said.push(why),
  });
  return { time, said };
}

/** A watching learner presses a key each minute. */
function typeFor(time: SessionTime, ms: number): void {
  for (let passedMs = 0; passedMs < ms; passedMs += MINUTE_MS) {
    mock.timers.tick(MINUTE_MS);
    time.touch();
  }
}

test('a watched session in which nobody types is warned of five minutes and one minute ahead, then over', () => {
  const { time, said } = newTime();
  time.watch();
  const totalSeconds = SESSION_MS / 1_000;
  mock.timers.tick(25 * MINUTE_MS - 1);
  assert.deepEqual(said, []);
  for (const ms of [1, 4 * MINUTE_MS, MINUTE_MS]) mock.timers.tick(ms);
  assert.deepEqual(said, [
    { idleSeconds: 300, totalSeconds: totalSeconds - 1_500, extensionsLeft: EXTENSIONS },
    { idleSeconds: 60, totalSeconds: totalSeconds - 1_740, extensionsLeft: EXTENSIONS },
    'idle',
  ]);
  mock.timers.tick(SESSION_MS);
  assert.equal(said.length, 3);
});

test('a key puts idle time off without a word, unless a warning has to be taken back', () => {
  const { time, said } = newTime();
  time.watch();
  typeFor(time, 60 * MINUTE_MS);
  assert.equal(said.length, 0);
  mock.timers.tick(26 * MINUTE_MS);
  time.touch();
  time.touch();
  assert.deepEqual(
    said.map((one) => (typeof one === 'string' ? one : one.idleSeconds)),
    [240, IDLE_MS / 1_000],
  );
});

test('a session ends after its time whoever types, and is warned of before', () => {
  const { time, said } = newTime();
  time.watch();
  typeFor(time, SESSION_MS);
  assert.deepEqual(
    said.map((one) => (typeof one === 'string' ? one : one.totalSeconds)),
    [300, 60, 'time'],
  );
});

test('the end is put off while it is near, so often and no more', () => {
  const { time, said } = newTime({ totalMs: 60 * MINUTE_MS });
  time.watch();
  typeFor(time, 30 * MINUTE_MS);
  assert.equal(time.extend().extensionsLeft, EXTENSIONS, 'far from the end nothing is spent');
  typeFor(time, 26 * MINUTE_MS);
  for (let left = EXTENSIONS - 1; left >= 0; left--) {
    assert.deepEqual(time.extend(), {
      idleSeconds: IDLE_MS / 1_000,
      totalSeconds: (4 * MINUTE_MS + EXTENSION_MS) / 1_000,
      extensionsLeft: left,
    });
    typeFor(time, EXTENSION_MS);
  }
  assert.throws(() => time.extend(), { code: 'no-more-extensions' });
  typeFor(time, 4 * MINUTE_MS);
  assert.equal(said.at(-1), 'time');
});

test('an unwatched session is over after a quarter of an hour, sooner when its page has said goodbye', () => {
  const lost = newTime();
  lost.time.watch()[Symbol.dispose]();
  const left = newTime();
  const page = left.time.watch();
  left.time.leave();
  page[Symbol.dispose]();
  mock.timers.tick(LEFT_SESSION_MS - 1);
  assert.deepEqual([left.said, lost.said], [[], []]);
  mock.timers.tick(1);
  assert.deepEqual([left.said, lost.said], [['idle'], []]);
  mock.timers.tick(UNWATCHED_SESSION_MS - LEFT_SESSION_MS);
  assert.equal(lost.said.at(-1), 'idle');
});

test('a goodbye counts for the last page alone, and a page that comes back takes it back', () => {
  const { time, said } = newTime();
  const [first, second] = [time.watch(), time.watch()];
  time.leave();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(time.unwatchedSinceMs, undefined);
  second[Symbol.dispose]();
  mock.timers.tick(UNWATCHED_SESSION_MS - 1);
  assert.deepEqual(
    said.filter((one) => typeof one === 'string'),
    [],
  );
  const again = time.watch();
  time.leave();
  again[Symbol.dispose]();
  mock.timers.tick(LEFT_SESSION_MS - 1);
  time.watch();
  mock.timers.tick(20 * MINUTE_MS);
  assert.deepEqual(
    said.filter((one) => typeof one === 'string'),
    [],
  );
});

test('nothing is said after the session has been disposed of', () => {
  const { time, said } = newTime();
  time.watch();
  time[Symbol.dispose]();
  time.leave();
  mock.timers.tick(SESSION_MS);
  assert.deepEqual(said, []);
});
