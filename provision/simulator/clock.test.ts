import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemClock } from './clock.ts';

test('systemClock.after() waits longer than a timer of Node can, and can be called off on the way', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const monthMs = 30 * 24 * 3_600_000;
  const fired: string[] = [];
  systemClock.after(monthMs, () => fired.push('month'));
  using calledOff = systemClock.after(2 * monthMs, () => fired.push('never'));
  const timerMs = 2 ** 31 - 1;
  context.mock.timers.tick(timerMs);
  context.mock.timers.tick(monthMs - timerMs - 1);
  assert.deepEqual(fired, []);
  context.mock.timers.tick(1);
  assert.deepEqual(fired, ['month']);
  calledOff[Symbol.dispose]();
  for (let part = 0; part < 3; part++) context.mock.timers.tick(timerMs);
  assert.deepEqual(fired, ['month']);
});
