import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JoinedView } from '#protocol';

import { START, stepSession } from './session-state.ts';
import type { SessionEvent } from './session-state.ts';

const TIME = { idleSeconds: 1_800, totalSeconds: 14_400, extensionsLeft: 2 };
const SESSION: JoinedView = {
  id: 's1',
  lab: 'canary',
  cluster: { isSimulated: true, state: 'starting' },
  sandbox: 'bwrap',
  home: 'kept',
  progress: {
    unlockedStep: 0,
    steps: [
      { isDone: false, checks: [] },
      { isDone: false, checks: [] },
    ],
  },
  terminals: [{ id: '1', title: '1', token: 'secret' }],
  time: TIME,
};
const { time: _, ...OTHERS } = SESSION;
const SHOWN = { ...OTHERS, terminals: [{ id: '1', title: '1' }] };

function play(events: readonly SessionEvent[]) {
  let state = START;
  for (const event of events) state = stepSession(state, event);
  return state;
}

test('a lost connection keeps what was known, and is told apart from the first connecting', () => {
  assert.equal(play([{ type: 'lost' }]).link, 'connecting');
  assert.deepEqual(play([{ type: 'joined', session: SESSION }, { type: 'lost' }]), {
    link: 'reconnecting',
    session: SHOWN,
    time: TIME,
    ended: undefined,
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

test('a session that has ended says why until it is joined anew', () => {
  const ended = play([
    { type: 'joined', session: SESSION },
    { type: 'time', time: { ...TIME, idleSeconds: 60 } },
    { type: 'ended', why: 'idle' },
  ]);
  assert.deepEqual([ended.ended, ended.time?.idleSeconds], ['idle', 60]);
  const again = stepSession(ended, { type: 'joined', session: SESSION });
  assert.deepEqual([again.ended, again.time], [undefined, TIME]);
});

test('a session that sleeps stays as it is when the network goes, until somebody goes on with it', () => {
  const asleep = play([
    { type: 'joined', session: SESSION },
    { type: 'ended', why: 'idle' },
    { type: 'lost' },
  ]);
  assert.deepEqual([asleep.link, asleep.ended], ['online', 'idle']);
  const goingOn = stepSession(stepSession(asleep, { type: 'continued' }), { type: 'lost' });
  assert.deepEqual([goingOn.link, goingOn.ended], ['reconnecting', undefined]);
});
