import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { createCluster } from '../../provision/simulator/index.ts';
import { openLocalLine } from './product/local-cluster.ts';
import { fillWithPods, FULL_CLUSTER_PODS } from './product/objects.ts';
import type { Row } from './row.ts';

const EMPTY_CLUSTERS = 40;
const FULL_CLUSTERS = 5;
const SETTLE_MS = 300;
const BYTES_PER_MIB = 1_048_576;

interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** What a further cluster costs a process that holds several, in MiB of heap and of resident memory. */
export async function measureCapacity(): Promise<readonly Row[]> {
  await using stack = new AsyncDisposableStack();
  const addCluster = async (pods: number) => {
    const cluster = stack.use(await createCluster({ istio: 'none', hasBookinfo: false }));
    const line = stack.use(await openLocalLine(cluster));
    if (pods > 0) await fillWithPods(line, pods);
    // Whoever filled it is gone: a connection is the client's, not the cluster's.
    line[Symbol.dispose]();
  };
  // Prepared states and compiled code belong to the process.
  await addCluster(1);
  await addCluster(0);
  const empty = await costOf(EMPTY_CLUSTERS, () => addCluster(0));
  const full = await costOf(FULL_CLUSTERS, () => addCluster(FULL_CLUSTER_PODS));
  return [
    row('capacity-empty-heap', 'heap of an empty cluster', empty.heap),
    row('capacity-empty-resident', '… resident', empty.resident),
    row('capacity-full-heap', `heap of a cluster with ${FULL_CLUSTER_PODS} pods`, full.heap),
    row('capacity-full-resident', '… resident', full.resident),
  ];
}

async function costOf(count: number, add: () => Promise<void>): Promise<Memory> {
  const before = await memoryNow();
  for (let index = 0; index < count; index++) await add();
  const after = await memoryNow();
  return {
    heap: (after.heap - before.heap) / count,
    resident: (after.resident - before.resident) / count,
  };
}

async function memoryNow(): Promise<Memory> {
  await delay(SETTLE_MS);
  collectGarbage();
  const { heapUsed, rss, external } = process.memoryUsage();
  return { heap: (heapUsed + external) / BYTES_PER_MIB, resident: rss / BYTES_PER_MIB };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

function row(id: string, what: string, value: number): Row {
  return { id, what, unit: 'MiB', value };
}
