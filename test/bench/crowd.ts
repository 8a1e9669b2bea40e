import { setTimeout as delay } from 'node:timers/promises';

import { makeBookinfoLabs } from './product/bench-labs.ts';
import { BenchLearner } from './product/learner.ts';
import { memoryOf } from './product/processes.ts';
import { startRegatta } from './product/regatta.ts';
import { percentile, type Row } from './row.ts';

const LEARNERS = 100;
/** So many click within a second. */
const ARRIVALS_PER_SECOND = 15;
const WORK_MS = 20_000;
const KEY_PAUSE_MS = 1_000;

/** A full server: each learner has Bookinfo, types a key a second and runs a kubectl within the twenty seconds. */
export async function measureCrowd(): Promise<readonly Row[]> {
  await using labs = await makeBookinfoLabs();
  await using regatta = await startRegatta('node', ['--labs', labs.folder]);
  const learners = await Promise.all(
    Array.from({ length: LEARNERS }, async (_, index) => {
      await delay((index * 1_000) / ARRIVALS_PER_SECOND);
      const learner = await BenchLearner.arrive(regatta.url);
      await learner.open('bookinfo');
      return learner;
    }),
  );
  const times = await Promise.all(
    learners.map((learner, index) => work(learner, index / LEARNERS)),
  );
  const { server, clusters, sandboxes } = await memoryOf(regatta.pid);
  const echoes = times.flat();
  return [
    row('crowd-echo-p50', `key echo p50 among ${LEARNERS} learners`, percentile(echoes, 0.5)),
    {
      ...row('crowd-echo-p95', `key echo p95 among ${LEARNERS} learners`, percentile(echoes, 0.95)),
      goal: { atMost: 100 },
    },
    {
      ...row('crowd-memory', `memory of ${LEARNERS} learners`, server + clusters + sandboxes),
      unit: 'MiB',
      goal: { atMost: 2_048 },
    },
  ];
}

function row(id: string, what: string, value: number): Row {
  return { id, what, unit: 'ms', value };
}

/** Types; once, after a share of the time, a command. Gives the echo times. */
async function work(learner: BenchLearner, commandAt: number): Promise<readonly number[]> {
  const keys = WORK_MS / KEY_PAUSE_MS;
  const commandKey = Math.floor(commandAt * keys);
  const times: number[] = [];
  await delay(commandAt * KEY_PAUSE_MS);
  for (let index = 0; index < keys; index++) {
    if (index === commandKey) {
      const answered = learner.until('productpage');
      learner.type('\u0015kubectl get pods\r');
      await answered;
    }
    await delay(KEY_PAUSE_MS);
    const key = String.fromCodePoint(97 + (index % 26));
    const echoed = learner.until(key);
    const startMs = performance.now();
    learner.type(key);
    await echoed;
    times.push(performance.now() - startMs);
  }
  return times;
}
