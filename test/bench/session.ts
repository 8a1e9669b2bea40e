import { setTimeout as delay } from 'node:timers/promises';

import { BenchLearner } from './product/learner.ts';
import { startRegatta } from './product/regatta.ts';
import { percentile, type Row } from './row.ts';

const LAB = 'get-started';
const ALONE = 15;
const TOGETHER = 30;
const TOGETHER_WITHIN_MS = 1_000;
/** Between two learners who come alone: what the one left has been put away, and the spare box is there again. */
const PAUSE_MS = 300;

/** Click on a lab to the shell's prompt, sandbox and cluster included. */
export async function measureSession(): Promise<readonly Row[]> {
  await using regatta = await startRegatta('node');
  const alone: number[] = [];
  for (let index = 0; index <= ALONE; index++) {
    await using learner = await BenchLearner.arrive(regatta.url);
    const time = await promptTime(learner, 0);
    // The first one meets a server that has made no session yet.
    if (index > 0) alone.push(time);
    await delay(PAUSE_MS);
  }
  // Nobody leaves before the last one is in: putting sessions away is work too.
  await using crowd = new AsyncDisposableStack();
  const learners: BenchLearner[] = [];
  for (let index = 0; index < TOGETHER; index++) {
    learners.push(crowd.use(await BenchLearner.arrive(regatta.url)));
  }
  const together = await Promise.all(
    learners.map((learner, index) => promptTime(learner, (index * TOGETHER_WITHIN_MS) / TOGETHER)),
  );
  return [
    row('session-alone-p50', 'click to prompt p50, alone', percentile(alone, 0.5)),
    row('session-alone-p95', 'click to prompt p95, alone', percentile(alone, 0.95), 400),
    row('session-30-p50', 'click to prompt p50, 30 in a second', percentile(together, 0.5)),
    row('session-30-p95', 'click to prompt p95, 30 in a second', percentile(together, 0.95), 1_500),
  ];
}

function row(id: string, what: string, value: number, atMost?: number): Row {
  return { id, what, unit: 'ms', value, ...(atMost !== undefined && { goal: { atMost } }) };
}

async function promptTime(learner: BenchLearner, afterMs: number): Promise<number> {
  await delay(afterMs);
  const startMs = performance.now();
  await learner.open(LAB);
  return performance.now() - startMs;
}
