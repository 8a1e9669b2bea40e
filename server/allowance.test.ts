import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Allowance } from './allowance.ts';

test('Allowance.take() gives a burst, then what time has brought, to each key for itself', () => {
  let now = 0;
  const allowance = new Allowance({ burst: 3, perSecond: 2 }, () => now);
  const take = (key: string, cost?: number) => allowance.take(key, cost);
  assert.deepEqual([take('a', 2), take('a'), take('a'), take('b', 3)], [true, true, false, true]);
  now = 500;
  assert.deepEqual([take('a'), take('a')], [true, false]);
  now = 60_000;
  assert.deepEqual([take('a', 4), take('a', 3), take('a')], [false, true, false]);
});

test('Allowance.spend() refuses in words what take() does not give', () => {
  const allowance = new Allowance({ burst: 1, perSecond: 0 }, () => 0);
  allowance.spend('a');
  assert.throws(() => allowance.spend('a'), { code: 'too-many-requests', status: 429 });
});
