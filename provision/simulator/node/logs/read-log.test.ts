import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../fake-clock.ts';
import type { LogOptions } from '../kubelet.ts';
import { LOG_LIMIT_BYTES } from '../limits.ts';
import { ContainerLog } from './container-log.ts';
import { readLog } from './read-log.ts';

function read(log: ContainerLog, clock: FakeClock, options: Partial<LogOptions>) {
  const signal = new AbortController().signal;
  const all = { follow: false, previous: false, timestamps: false, ...options };
  return Array.fromAsync(readLog(log, all, { nowMs: clock.now(), signal }));
}

async function threeLines() {
  const clock = new FakeClock();
  const log = new ContainerLog(clock);
  for (const text of ['one', 'two', 'three']) {
    log.writeLine(text);
    await clock.advance(1_000);
  }
  return { clock, log };
}

test('A log is read whole, from its end, from a time, cut off, and with times', async () => {
  const { clock, log } = await threeLines();
  assert.deepEqual(await read(log, clock, {}), ['one\n', 'two\n', 'three\n']);
  assert.deepEqual(await read(log, clock, { tailLines: 2 }), ['two\n', 'three\n']);
  assert.deepEqual(await read(log, clock, { tailLines: 0 }), []);
  assert.deepEqual(await read(log, clock, { sinceSeconds: 1 }), ['three\n']);
  assert.deepEqual(await read(log, clock, { sinceTime: '2026-01-01T00:00:01Z' }), [
    'two\n',
    'three\n',
  ]);
  assert.deepEqual(await read(log, clock, { limitBytes: 6 }), ['one\n', 'tw']);
  assert.deepEqual(await read(log, clock, { tailLines: 1, timestamps: true }), [
    '2026-01-01T00:00:02.000000000Z three\n',
  ]);
});

test('Following a log goes on until the container ends', async () => {
  const { clock, log } = await threeLines();
  const following = read(log, clock, { follow: true, tailLines: 1 });
  await clock.advance(1);
  log.write('fo');
  log.write('ur\nfive');
  await clock.advance(1);
  log.close();
  assert.deepEqual(await following, ['three\n', 'four\n', 'five']);
});

test('A log keeps its newest lines when it is full', async () => {
  const clock = new FakeClock();
  const log = new ContainerLog(clock);
  const line = 'x'.repeat(1023);
  for (let count = 0; count < (2 * LOG_LIMIT_BYTES) / 1024; count++) log.writeLine(line);
  log.writeLine('last');
  const lines = await read(log, clock, {});
  assert.equal(lines.at(-1), 'last\n');
  assert.ok(lines.join('').length <= LOG_LIMIT_BYTES);
});

test('A line that is longer than a piece of the log comes back as one line, with one time', async () => {
  const clock = new FakeClock();
  const log = new ContainerLog(clock);
  const long = 'é'.repeat(40_000);
  log.write(`${long}\nshort\n`);
  const [start, ...rest] = (await read(log, clock, { timestamps: true })).join('').split('\n');
  assert.equal(start, `2026-01-01T00:00:00.000000000Z ${long}`);
  assert.deepEqual(rest, ['2026-01-01T00:00:00.000000000Z short', '']);
  assert.deepEqual(await read(log, clock, { limitBytes: 4 }), ['éé']);
});
