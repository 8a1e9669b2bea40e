import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { answerWith } from './answer.ts';
import { Problem } from './problem.ts';

/** What the page and the log hear of a call that does `act`. */
async function heardOf(act: () => Promise<unknown>) {
  const answer = mock.fn();
  const error = mock.fn();
  await answerWith({ error }, answer, act);
  return [answer, error].map(({ mock: { calls } }) => calls.map((call) => call.arguments));
}

test('answerWith() answers with the value', async () => {
  assert.deepEqual(await heardOf(async () => 7), [[[{ ok: true, value: 7 }]], []]);
});

test('answerWith() tells a refusal to the page alone', async () => {
  const problem = { code: 'step-locked', message: 'This step is locked' };
  assert.deepEqual(
    await heardOf(async () => {
      throw new Problem(409, problem.code, problem.message);
    }),
    [[[{ ok: false, problem }]], []],
  );
});

test('answerWith() keeps what nobody expected for the log', async () => {
  const err = new Error('ENOSPC');
  const problem = { code: 'internal', message: 'The server met an error that it did not expect' };
  assert.deepEqual(
    await heardOf(async () => {
      throw err;
    }),
    [[[{ ok: false, problem }]], [[{ err }, 'Socket call failed']]],
  );
});
