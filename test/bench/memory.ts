import { setTimeout as delay } from 'node:timers/promises';

import { makeBookinfoLabs } from './product/bench-labs.ts';
import { BenchLearner } from './product/learner.ts';
import { memoryOf, type TreeMemory } from './product/processes.ts';
import { startRegatta } from './product/regatta.ts';
import type { Row } from './row.ts';

const LEARNERS = 40;
/** Prepared states, compiled code, spare boxes and the heap that making them left belong to the server, not to a learner. */
const FIRST_LEARNERS = 10;
/** Shells have read their files, and what was only needed to start has been collected. */
const SETTLE_MS = 4_000;

/** What a further learner costs: cluster with Istio and Bookinfo, sandbox, one terminal. */
export async function measureMemory(): Promise<readonly Row[]> {
  await using labs = await makeBookinfoLabs();
  await using regatta = await startRegatta('node', ['--labs', labs.folder]);
  await using stack = new AsyncDisposableStack();
  const join = async (count: number): Promise<TreeMemory> => {
    for (let index = 0; index < count; index++) {
      const learner = stack.use(await BenchLearner.arrive(regatta.url));
      await learner.open('bookinfo');
    }
    await delay(SETTLE_MS);
    return memoryOf(regatta.pid);
  };
  const before = await join(FIRST_LEARNERS);
  const after = await join(LEARNERS);
  const each = (part: keyof TreeMemory) => (after[part] - before[part]) / LEARNERS;
  const total = each('server') + each('clusters') + each('sandboxes');
  return [
    { ...row('memory', 'memory per learner with Bookinfo', total), goal: { atMost: 15 } },
    row('memory-cluster', '… of it in the host process', each('clusters')),
    row('memory-sandbox', '… of it in the sandbox', each('sandboxes')),
    row('memory-server', '… of it in the server', each('server')),
  ];
}

function row(id: string, what: string, value: number): Row {
  return { id, what, unit: 'MiB', value };
}
