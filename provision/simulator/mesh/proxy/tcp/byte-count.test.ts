import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ByteCount } from './byte-count.ts';

test('ByteCount reports what had come at the last multiple of five seconds', () => {
  const count = new ByteCount(1_000);
  const reported: number[] = [];
  const look = (nowMs: number) => reported.push(count.reported(nowMs));
  count.add(10, 1_500);
  look(2_000);
  look(6_000);
  count.add(5, 7_000);
  look(7_500);
  count.add(1, 12_000);
  look(12_000);
  look(20_000);
  assert.deepEqual(reported, [0, 10, 10, 15, 16]);
  assert.equal(count.total, 16);
});
