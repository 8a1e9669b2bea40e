import { createCluster, restoreCluster } from '../../provision/simulator/index.ts';
import { openLocalLine } from './product/local-cluster.ts';
import { configMapOf, fillWithPods, NAMESPACE } from './product/objects.ts';
import { percentile, type Row } from './row.ts';

const OBJECTS = 1_000;
const RUNS = 9;

/** A cluster with many objects of a learner's, put away and brought back. */
export async function measureSnapshot(): Promise<readonly Row[]> {
  await using cluster = await createCluster({ istio: 'none', hasBookinfo: false });
  await using line = await openLocalLine(cluster);
  await fillWithPods(line, OBJECTS / 2);
  for (let index = 0; index < OBJECTS / 2; index++) {
    await line.ask({ method: 'POST', path: `${NAMESPACE}/configmaps`, body: configMapOf(index) });
  }
  let bytes = cluster.snapshot();
  const taken: number[] = [];
  const restored: number[] = [];
  for (let index = 0; index < RUNS; index++) {
    const startMs = performance.now();
    bytes = cluster.snapshot();
    taken.push(performance.now() - startMs);
    const againMs = performance.now();
    await using _ = await restoreCluster(bytes);
    restored.push(performance.now() - againMs);
  }
  return [
    row('snapshot-take', `snapshot of a cluster with ${OBJECTS} objects p50`, taken),
    row('snapshot-restore', '… and bringing it back p50', restored),
    { id: 'snapshot-size', what: '… its size', unit: 'MiB', value: bytes.length / 1_048_576 },
  ];
}

function row(id: string, what: string, samples: readonly number[]): Row {
  return { id, what, unit: 'ms', value: percentile(samples, 0.5), goal: { atMost: 50 } };
}
