import { setTimeout as delay } from 'node:timers/promises';

import { BenchLearner } from './product/learner.ts';
import { startRegatta } from './product/regatta.ts';
import { percentile, type Row } from './row.ts';

const CHANGES = 10;
/** The pause between two runs of a live verifier is over. */
const PAUSE_MS = 700;

/**
 * A Service comes and goes, which the first step of the first lab looks at: from Enter on the kubectl command, and from
 * kubectl's word that the cluster has changed, to the check's news at the page.
 */
export async function measureCheck(): Promise<readonly Row[]> {
  await using regatta = await startRegatta('node');
  await using learner = await BenchLearner.arrive(regatta.url);
  await learner.open('get-started');
  await delay(PAUSE_MS);
  const sinceEnter: number[] = [];
  const sinceChange: number[] = [];
  for (let index = 0; index < CHANGES; index++) {
    const [command, word] =
      index % 2 === 0
        ? ['kubectl create service clusterip hello --tcp=80', 'hello created']
        : ['kubectl delete service hello', 'deleted'];
    const shown = learner.progress().then(() => performance.now());
    const changed = learner.until(word).then(() => performance.now());
    const enterMs = performance.now();
    learner.type(`${command}\r`);
    const [shownMs, changedMs] = await Promise.all([shown, changed]);
    sinceEnter.push(shownMs - enterMs);
    sinceChange.push(shownMs - changedMs);
    await delay(PAUSE_MS);
  }
  const value = percentile(sinceChange, 0.95);
  return [
    { id: 'check', what: 'change to check shown p95', unit: 'ms', value, goal: { atMost: 1_000 } },
    {
      id: 'check-enter',
      what: '… from Enter on the kubectl command p95',
      unit: 'ms',
      value: percentile(sinceEnter, 0.95),
    },
  ];
}
