import { startHostedCluster } from './product/hosted-cluster.ts';
import { prepareKubectl } from './product/kubectl.ts';
import { startRelay } from './product/listening-relay.ts';
import { percentile, type Row } from './row.ts';

const RUNS = 15;
const WARM_UPS = 3;
const SERVER = /(server: https:\/\/127\.0\.0\.1:)(\d+)/;

/**
 * `kubectl get pods` with its discovery in the cache: how long it takes, and how much of that it waits for the API server
 * (TLS handshake and answer), as seen on the wire.
 */
export async function measureKubectl(): Promise<readonly Row[]> {
  await using cluster = await startHostedCluster({ istio: 'demo', hasBookinfo: true });
  await using relay = await startRelay(Number(SERVER.exec(cluster.kubeconfig)?.[2]));
  const relayed = cluster.kubeconfig.replace(SERVER, `$1${relay.port}`);
  await using kubectl = await prepareKubectl(relayed);
  const walls: number[] = [];
  const shares: number[] = [];
  for (let index = 0; index < RUNS + WARM_UPS; index++) {
    relay.takeWaitedMs();
    const startMs = performance.now();
    await kubectl.run(['get', 'pods']);
    if (index < WARM_UPS) continue;
    walls.push(performance.now() - startMs);
    shares.push(relay.takeWaitedMs());
  }
  return [
    {
      id: 'kubectl-share',
      what: "server's share of `kubectl get pods` p50",
      unit: 'ms',
      value: percentile(shares, 0.5),
      goal: { atMost: 5 },
    },
    {
      id: 'kubectl-wall',
      what: '`kubectl get pods` as a whole p50',
      unit: 'ms',
      value: percentile(walls, 0.5),
    },
  ];
}
