import { startHostedCluster } from './product/hosted-cluster.ts';
import { percentile, type Row } from './row.ts';

const PODS = 1_000;
const GETS = 500;
const LISTS = 30;
const WARM_UPS = 50;

/** The API server through TLS, from another process, over a connection that stays open. */
export async function measureApi(): Promise<readonly Row[]> {
  await using cluster = await startHostedCluster({ istio: 'none', hasBookinfo: false });
  await cluster.ask('POST', '/api/v1/namespaces', { metadata: { name: 'bench' } });
  const pods = '/api/v1/namespaces/bench/pods';
  for (let index = 0; index < PODS; index++) {
    await cluster.ask('POST', pods, podOf(index));
  }
  const gets = await times(() => cluster.ask('GET', `${pods}/pod-7`), GETS + WARM_UPS);
  const lists = await times(() => cluster.ask('GET', pods), LISTS + WARM_UPS);
  return [
    row('api-get', 'GET of a pod p50', gets, 1),
    row('api-list', `LIST of ${PODS} pods p50`, lists, 15),
  ];
}

function row(id: string, what: string, samples: readonly number[], atMost: number): Row {
  return { id, what, unit: 'ms', value: percentile(samples, 0.5), goal: { atMost } };
}

/** A pod that no scheduler takes, so that nothing else goes on in the cluster. */
function podOf(index: number): object {
  return {
    metadata: { name: `pod-${index}`, labels: { app: 'bench' } },
    spec: { schedulerName: 'none', containers: [{ name: 'web', image: 'nginx:1.27' }] },
  };
}

async function times(act: () => Promise<unknown>, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index++) {
    const startMs = performance.now();
    await act();
    if (index >= WARM_UPS) taken.push(performance.now() - startMs);
  }
  return taken;
}
