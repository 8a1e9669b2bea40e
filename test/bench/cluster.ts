import { createCluster, type StartingState } from '../../provision/simulator/index.ts';
import { percentile, type Row } from './row.ts';

const CLUSTERS = 15;

/** A simulated cluster, from the call to the API server that answers; a state is prepared once, which is not counted. */
export async function measureCluster(): Promise<readonly Row[]> {
  const empty = await createTimes({ istio: 'none', hasBookinfo: false });
  const bookinfo = await createTimes({ istio: 'demo', hasBookinfo: true });
  return [
    row('cluster-empty-p50', 'create a cluster p50', percentile(empty, 0.5), 50),
    row('cluster-empty-p95', 'create a cluster p95', percentile(empty, 0.95)),
    row('cluster-bookinfo-p50', '… with Istio and Bookinfo p50', percentile(bookinfo, 0.5), 150),
    row('cluster-bookinfo-p95', '… with Istio and Bookinfo p95', percentile(bookinfo, 0.95)),
  ];
}

function row(id: string, what: string, value: number, atMost?: number): Row {
  return { id, what, unit: 'ms', value, ...(atMost !== undefined && { goal: { atMost } }) };
}

async function createTimes(state: StartingState): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index <= CLUSTERS; index++) {
    const startMs = performance.now();
    await using _ = await createCluster(state);
    if (index > 0) times.push(performance.now() - startMs);
  }
  return times;
}
