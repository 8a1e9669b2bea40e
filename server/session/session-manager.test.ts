import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import type { Lab } from '../labs/lab.ts';
import { SESSION_START_RATE, UNWATCHED_SESSION_MS } from '../limits.ts';
import { Store } from '../store/store.ts';
import { SessionManager } from './session-manager.ts';

const LAB: Lab = {
  id: 'lab',
  folder: '/nowhere',
  title: { en: 'Lab' },
  description: { en: 'A lab' },
  minutes: 1,
  difficulty: 'beginner',
  steps: [],
  needs: [],
  tabs: [],
};
let folder: string;
let store: Store;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-sessions-'));
  store = await Store.open(folder);
  await Promise.all(['ada', 'bob', 'cleo'].map((learner) => store.addLearner(learner)));
});

after(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const refuse = () => Promise.reject(new Error('no cluster here'));

/** Sessions whose clusters never come: what they hold of the server is the same. */
function newManager(): SessionManager {
  return new SessionManager({
    store,
    provider: { name: 'none', create: refuse, [Symbol.asyncDispose]: async () => undefined },
    sandboxes: {
      mode: 'none',
      limits: [],
      create: refuse,
      [Symbol.asyncDispose]: async () => undefined,
    },
    findLab: (id) => (id === LAB.id ? LAB : undefined),
    onProblem: () => undefined,
  });
}

test('a session that nobody has come to look at falls asleep; one with a viewer does not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await using sessions = newManager();
  await sessions.open('ada', 'lab');
  const watched = await sessions.open('bob', 'lab');
  using viewers = new DisposableStack();
  viewers.use(sessions.attach(watched));
  t.mock.timers.tick(UNWATCHED_SESSION_MS - 1);
  assert.equal(sessions.liveCount, 2);
  t.mock.timers.tick(1);
  assert.equal(sessions.liveCount, 1);
});

test('a session restarted twice at once is gone, and nothing is left awake', async () => {
  await using sessions = newManager();
  const { id } = await sessions.open('ada', 'lab');
  const restarts = [1, 2].map(() => sessions.restart('ada', id));
  const outcomes = await Promise.allSettled(restarts);
  assert.equal(outcomes[0]?.status, 'fulfilled');
  assert.equal(sessions.liveCount, 0);
  await assert.rejects(sessions.find('ada', id), { code: 'session-not-found' });
});

test('restarting a session that sleeps wakes nothing', async () => {
  const stored = await store.findOrAddSession({ id: 'asleep', learner: 'bob', lab: 'lab' });
  await using sessions = newManager();
  await sessions.restart('bob', stored.id);
  assert.equal(sessions.liveCount, 0);
  assert.equal(await store.session(stored.id, 'bob'), undefined);
});

test('a learner starts so many sessions in a row and then must wait; others need not', async () => {
  await using sessions = newManager();
  for (let count = 0; count < SESSION_START_RATE.burst; count++) {
    const { id } = await sessions.open('cleo', 'lab');
    await sessions.restart('cleo', id);
  }
  await assert.rejects(sessions.open('cleo', 'lab'), { code: 'too-many-requests' });
  assert.equal((await sessions.open('ada', 'lab')).lab.id, 'lab');
});
