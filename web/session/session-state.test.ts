import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SessionView } from '#protocol';

import { START, stepSession } from './session-state.ts';
import type { SessionEvent } from './session-state.ts';

const SESSION: SessionView = {
  id: 's1',
  lab: 'canary',
  cluster: { isSimulated: true, state: 'starting' },
  sandbox: 'bwrap',
  progress: {
    unlockedStep: 0,
    steps: [
      { isDone: false, checks: [] },
      { isDone: false, checks: [] },
    ],
  },
  terminals: [],
};

function play(events: readonly SessionEvent[]) {
  let state = START;
  for (const event of events) state = stepSession(state, event);
  return state;
}

test('a lost connection keeps what was known, and is told apart from the first connecting', () => {
  assert.equal(play([{ type: 'lost' }]).link, 'connecting');
  assert.deepEqual(play([{ type: 'joined', session: SESSION }, { type: 'lost' }]), {
    link: 'reconnecting',
    session: SESSION,
    problem: undefined,
  });
});

test('check results belong to their step and unlock nothing by themselves', () => {
  const checks = [{ id: 'split', isPassed: false, reason: 'reviews sends 90 % to v1' }];
  assert.deepEqual(
    play([
      { type: 'joined', session: SESSION },
      { type: 'checked', step: 1, checks },
    ]).session?.progress,
    { unlockedStep: 0, steps: [SESSION.progress.steps[0], { isDone: false, checks }] },
  );
});

test('news of the cluster or the progress before the session is known changes nothing', () => {
  assert.deepEqual(
    play([
      { type: 'cluster', cluster: SESSION.cluster },
      { type: 'progress', progress: SESSION.progress },
    ]),
    START,
  );
});
