import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../problem.ts';
import { TRANSFERS, TRANSFERS_PER_LEARNER } from './limits.ts';
import { Transfers } from './transfers.ts';

/** Starts transfers that end when they are told to, and says what becomes of each. */
function begin(transfers: Transfers, learner: string, count: number) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const outcomes = Array.from({ length: count }, async () => {
    try {
      return await transfers.during(learner, () => promise);
    } catch (error) {
      return error instanceof Problem ? error.code : 'thrown';
    }
  });
  return { outcomes: Promise.all(outcomes), finish: () => resolve('done') };
}

test('Transfers.during() refuses what one learner has too much of, until some of it has ended', async () => {
  const transfers = new Transfers();
  const first = begin(transfers, 'one', TRANSFERS_PER_LEARNER + 1);
  const other = begin(transfers, 'other', 1);
  first.finish();
  other.finish();
  assert.deepEqual(await first.outcomes, ['done', 'done', 'too-many-transfers']);
  assert.deepEqual(await other.outcomes, ['done']);
  const next = begin(transfers, 'one', 1);
  next.finish();
  assert.deepEqual(await next.outcomes, ['done']);
});

test('Transfers.during() refuses what all learners together have too much of, and forgets what failed', async () => {
  const transfers = new Transfers();
  const all = Array.from({ length: TRANSFERS }, (_, index) =>
    begin(transfers, `learner-${index}`, 1),
  );
  assert.deepEqual(await begin(transfers, 'late', 1).outcomes, ['too-many-transfers']);
  for (const one of all) one.finish();
  await Promise.all(all.map((one) => one.outcomes));
  for (let index = 0; index < TRANSFERS; index++) {
    await assert.rejects(
      transfers.during('late', () => Promise.reject(new Error('cut'))),
      /cut/,
    );
  }
});
