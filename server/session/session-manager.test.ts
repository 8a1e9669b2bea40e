import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { array, assert as holds, asyncProperty, constantFrom, record } from 'fast-check';

import type { Lab } from '../labs/lab.ts';
import {
  IDLE_MS,
  LEFT_SESSION_MS,
  LIVE_SESSIONS,
  LIVE_SESSIONS_PER_LEARNER,
  SESSION_MS,
  SESSION_START_RATE,
  UNWATCHED_SESSION_MS,
  WAITING_ABSENT_MS,
  WAITING_PLACE_MS,
} from '../limits.ts';
import type { Problem } from '../problem.ts';
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
  usesDns: false,
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
function newManager(places = LIVE_SESSIONS, now?: () => number): SessionManager {
  return new SessionManager({
    store,
    provider: {
      name: 'none',
      isSimulated: true,
      create: refuse,
      [Symbol.asyncDispose]: async () => undefined,
    },
    sandboxes: {
      mode: 'none',
      limits: [],
      create: refuse,
      [Symbol.asyncDispose]: async () => undefined,
    },
    findLab: (id) => (id.startsWith(LAB.id) ? { ...LAB, id } : undefined),
    onProblem: () => undefined,
    places,
    times: { idleMs: IDLE_MS, totalMs: SESSION_MS },
    ...(now && { now }),
  });
}

test('a session that nobody has come to look at falls asleep; one with a viewer does not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  await using sessions = newManager(LIVE_SESSIONS, Date.now);
  await sessions.open('ada', 'lab', 'en');
  const watched = await sessions.open('bob', 'lab', 'en');
  using viewers = new DisposableStack();
  viewers.use(watched.watch());
  t.mock.timers.tick(UNWATCHED_SESSION_MS - 1);
  assert.equal(sessions.load.live, 2);
  t.mock.timers.tick(1);
  assert.equal(sessions.load.live, 1);
});

test('a session restarted twice at once is gone, and nothing is left awake', async () => {
  await using sessions = newManager();
  const { id } = await sessions.open('ada', 'lab', 'en');
  const restarts = [1, 2].map(() => sessions.restart('ada', id));
  const outcomes = await Promise.allSettled(restarts);
  assert.equal(outcomes[0]?.status, 'fulfilled');
  assert.equal(sessions.load.live, 0);
  await assert.rejects(sessions.find('ada', id, 'en'), { code: 'session-not-found' });
});

test('restarting a session that sleeps wakes nothing', async () => {
  const stored = await store.findOrAddSession({ id: 'asleep', learner: 'bob', lab: 'lab' });
  await using sessions = newManager();
  await sessions.restart('bob', stored.id);
  assert.equal(sessions.load.live, 0);
  assert.equal(await store.session(stored.id, 'bob'), undefined);
});

test('a learner starts so many sessions in a row and then must wait; others need not', async () => {
  await using sessions = newManager();
  for (let count = 0; count < SESSION_START_RATE.burst; count++) {
    const { id } = await sessions.open('cleo', 'lab', 'en');
    await sessions.restart('cleo', id);
  }
  await assert.rejects(sessions.open('cleo', 'lab', 'en'), { code: 'too-many-requests' });
  assert.equal((await sessions.open('ada', 'lab', 'en')).lab.id, 'lab');
});

test('on a full server learners wait in line, and who has waited longest goes in first', async () => {
  let now = 0;
  await using sessions = newManager(1, () => now);
  const first = await sessions.open('ada', 'lab', 'en');
  using viewers = new DisposableStack();
  viewers.use(first.watch());
  const ask = (learner: string) =>
    sessions.open(learner, 'lab', 'en').then(
      ({ learner: who }) => who,
      ({ code, place }: Problem) => `${code} ${place}`,
    );
  assert.equal(await ask('bob'), 'server-full 1');
  assert.equal(await ask('cleo'), 'server-full 2');
  assert.deepEqual(sessions.load, { live: 1, places: 1, waiting: 2 });
  await sessions.restart('ada', first.id);
  assert.equal(await ask('cleo'), 'server-full 2');
  assert.equal(await ask('bob'), 'bob');
  // Bob's page has said nothing for so long that his place goes to who waits.
  now += WAITING_PLACE_MS;
  assert.equal(await ask('cleo'), 'cleo');
});

test('a free place does not wait for somebody who has stopped asking', async () => {
  let now = 0;
  await using sessions = newManager(1, () => now);
  const first = await sessions.open('ada', 'lab', 'en');
  using viewers = new DisposableStack();
  viewers.use(first.watch());
  for (const learner of ['bob', 'cleo']) {
    await assert.rejects(sessions.open(learner, 'lab', 'en'), { code: 'server-full' });
  }
  await sessions.restart('ada', first.id);
  now += WAITING_ABSENT_MS;
  assert.equal((await sessions.open('cleo', 'lab', 'en')).learner, 'cleo');
});

test('a learner has so many labs awake: the one left longest ago makes room, and one in use is never taken', async () => {
  await using sessions = newManager();
  const open = (count: number) => sessions.open('bob', `lab-${count}`, 'en');
  using viewers = new DisposableStack();
  for (let count = 0; count < LIVE_SESSIONS_PER_LEARNER; count++) {
    const session = await open(count);
    if (count > 0) viewers.use(session.watch());
  }
  viewers.use((await open(LIVE_SESSIONS_PER_LEARNER)).watch());
  assert.equal(sessions.load.live, LIVE_SESSIONS_PER_LEARNER);
  await assert.rejects(open(0), { code: 'too-many-sessions' });
});

test('who goes on to another lab on a full server keeps the place, whoever waits', async () => {
  await using sessions = newManager(1);
  using viewers = new DisposableStack();
  const first = await sessions.open('ada', 'lab-1', 'en');
  const page = viewers.use(first.watch());
  await assert.rejects(sessions.open('bob', 'lab', 'en'), { code: 'server-full' });
  await assert.rejects(sessions.open('ada', 'lab-2', 'en'), { code: 'server-full' });
  page[Symbol.dispose]();
  assert.equal((await sessions.open('ada', 'lab-2', 'en')).lab.id, 'lab-2');
  assert.deepEqual(sessions.load, { live: 1, places: 1, waiting: 1 });
});

test('whatever learners do, no more sessions are awake than there are places, and who keeps asking gets in', async () => {
  const learners = ['ada', 'bob', 'cleo'];
  const step = record({
    learner: constantFrom(...learners),
    lab: constantFrom('lab-1', 'lab-2'),
    act: constantFrom('come', 'look away', 'wait'),
  });
  await holds(
    asyncProperty(array(step, { maxLength: 24 }), async (steps) => {
      let now = 0;
      await using sessions = newManager(2, () => now);
      const pages = new Map<string, Disposable>();
      const lookAway = (learner: string) => {
        pages.get(learner)?.[Symbol.dispose]();
        pages.delete(learner);
      };
      const come = async (learner: string, lab: string) => {
        const session = await sessions.open(learner, lab, 'en').catch(() => undefined);
        if (session) {
          lookAway(learner);
          pages.set(learner, session.watch());
        }
        return session !== undefined;
      };
      for (const { learner, lab, act } of steps) {
        if (act === 'come') await come(learner, lab);
        else if (act === 'look away') lookAway(learner);
        else now += WAITING_ABSENT_MS / 2;
        assert.ok(sessions.load.live <= 2);
      }
      for (const learner of learners) lookAway(learner);
      now += LEFT_SESSION_MS;
      // One more than the places have asked; each lets go when it has had its turn.
      const waiting = new Set(learners);
      for (let round = 0; round < learners.length && waiting.size > 0; round++) {
        for (const learner of waiting) {
          if (await come(learner, 'lab-1')) waiting.delete(learner);
          assert.ok(sessions.load.live <= 2);
        }
        for (const learner of learners) lookAway(learner);
        now += LEFT_SESSION_MS;
      }
      assert.deepEqual([...waiting], []);
    }),
    { numRuns: 60 },
  );
});

test('however many ask for a session at once, it wakes once', async () => {
  await using sessions = newManager();
  const all = await Promise.all([1, 2, 3].map(() => sessions.open('ada', 'lab', 'en')));
  assert.deepEqual([new Set(all).size, sessions.load.live], [1, 1]);
});
