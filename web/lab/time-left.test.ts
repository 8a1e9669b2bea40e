import assert from 'node:assert/strict';
import { test } from 'node:test';

import { clockText, nearEnd } from './time-left.ts';

test('nearEnd() is the end that comes first, counted down from when it was told', () => {
  const left = { idleSeconds: 240, totalSeconds: 290, extensionsLeft: 2 };
  assert.deepEqual(nearEnd(left, 0), { why: 'idle', seconds: 240 });
  assert.deepEqual(nearEnd(left, 10.4), { why: 'idle', seconds: 230 });
  assert.deepEqual(nearEnd(left, 9_999), { why: 'idle', seconds: 0 });
  const over = { idleSeconds: 1_800, totalSeconds: 60, extensionsLeft: 0 };
  assert.deepEqual(nearEnd(over, 1), { why: 'total', seconds: 59 });
});

test('nearEnd() is nothing while the server has not warned, however long ago it spoke', () => {
  const left = { idleSeconds: 1_800, totalSeconds: 14_400, extensionsLeft: 2 };
  assert.equal(nearEnd(left, 0), undefined);
  assert.equal(nearEnd(left, 1_700), undefined);
});

test('clockText() writes minutes and two digits of seconds', () => {
  assert.deepEqual([300, 65, 9, 0].map(clockText), ['5:00', '1:05', '0:09', '0:00']);
});
