import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CheckTurns } from './check-turns.ts';

test('CheckTurns.take() runs one at a time, shares a run that has not begun, and goes on after a failure', async () => {
  const turns = new CheckTurns<string>();
  const events: string[] = [];
  const run = (name: string) => async () => {
    events.push(`${name} begins`);
    await Promise.resolve();
    events.push(`${name} ends`);
    if (name === 'a') throw new Error('not this time');
    return name;
  };
  const asked = [
    turns.take(0, run('a')),
    turns.take(0, run('b')),
    turns.take(1, run('c')),
    turns.take(1, run('d')),
  ];
  const results = await Promise.allSettled(asked);
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    ['failed', 'failed', 'c', 'c'],
  );
  assert.deepEqual(events, ['a begins', 'a ends', 'c begins', 'c ends']);
});
