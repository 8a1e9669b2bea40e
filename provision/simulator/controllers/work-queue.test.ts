import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

test('WorkQueue works once on a key that is added many times before its turn', async () => {
  const clock = new FakeClock();
  const worked: string[] = [];
  await using queue = new WorkQueue({
    clock,
    sync: async (key) => {
      worked.push(key);
    },
  });
  queue.add('a');
  queue.add('b');
  queue.add('a');
  await clock.advance(0);
  assert.deepEqual(worked, ['a', 'b']);
});

test('WorkQueue never works twice on a key at the same time, and again when it was added meanwhile', async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  await using queue = new WorkQueue({
    clock,
    sync: async (key) => {
      log.push(`start ${key}`);
      if (log.length === 1) queue.add(key);
      await new Promise<void>((resolve) => {
        clock.after(100, resolve);
      });
      log.push(`end ${key}`);
    },
  });
  queue.add('a');
  await clock.advance(50);
  assert.deepEqual(log, ['start a']);
  await clock.advance(300);
  assert.deepEqual(log, ['start a', 'end a', 'start a', 'end a']);
});

test('WorkQueue tries a refused key again after waits that double, and forgets them after a success', async () => {
  const clock = new FakeClock();
  const startMs = clock.now();
  const times: number[] = [];
  const errors: string[] = [];
  let refusals = 3;
  await using queue = new WorkQueue({
    clock,
    sync: async () => {
      times.push(clock.now() - startMs);
      if (refusals-- > 0) throw new Error('refused');
    },
    onError: (key, error) => errors.push(`${key}: ${String(error)}`),
  });
  queue.add('a');
  await clock.advance(1_000);
  assert.deepEqual(times, [0, 5, 15, 35]);
  assert.deepEqual(errors, ['a: Error: refused', 'a: Error: refused', 'a: Error: refused']);
  refusals = 1;
  queue.add('a');
  await clock.advance(1_000);
  assert.deepEqual(times.slice(4), [1_000, 1_005]);
});

test('WorkQueue.addAfter() keeps the earliest of several wishes', async () => {
  const clock = new FakeClock();
  const startMs = clock.now();
  const times: number[] = [];
  await using queue = new WorkQueue({
    clock,
    sync: async () => {
      times.push(clock.now() - startMs);
    },
  });
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  queue.addAfter('a', 900);
  await clock.advance(2_000);
  assert.deepEqual(times, [200]);
});

test('WorkQueue stops: it waits for work in hand, and neither timers nor additions start more', async () => {
  const clock = new FakeClock();
  const log: string[] = [];
  const queue = new WorkQueue({
    clock,
    sync: async (key) => {
      await new Promise<void>((resolve) => {
        clock.after(100, resolve);
      });
      log.push(key);
    },
  });
  queue.add('a');
  queue.addAfter('b', 50);
  await clock.advance(10);
  const stopped = queue[Symbol.asyncDispose]();
  queue.add('c');
  await clock.advance(1_000);
  await stopped;
  assert.deepEqual(log, ['a']);
});
