import { type ApiLine, openApiLine, type Question } from './product/api-line.ts';
import { startHostedCluster } from './product/hosted-cluster.ts';
import {
  configMapOf,
  fillWithPods,
  FULL_CLUSTER_PODS,
  NAMESPACE,
  podOf,
} from './product/objects.ts';
import { percentile, type Row } from './row.ts';

const REQUESTS = 300;
const LISTS = 30;
const CONNECTIONS = 30;
const WARM_UPS = 50;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const DEPLOYMENT = '/apis/apps/v1/namespaces/bench/deployments/web';

/** The API server through TLS, from another process, over a connection that stays open. */
export async function measureApi(): Promise<readonly Row[]> {
  await using cluster = await startHostedCluster({ istio: 'none', hasBookinfo: false });
  const { line, kubeconfig } = cluster;
  // The rest is made by the benchmark of making them, which comes first.
  const made = FULL_CLUSTER_PODS - WARM_UPS - REQUESTS;
  await fillWithPods(line, made);
  await line.ask(applied(0));
  const measured = (question: (index: number) => Question, count = REQUESTS) =>
    times((index) => line.ask(question(index)), count);
  const pod = `${NAMESPACE}/pods/pod-7`;
  const pods = `${NAMESPACE}/pods`;
  return [
    row(
      'api-create',
      'create a pod',
      await measured((index) => ({ method: 'POST', path: pods, body: podOf(made + index) })),
    ),
    row('api-get', 'GET of a pod', await measured(() => ({ path: pod })), 1),
    row(
      'api-list',
      `LIST of ${FULL_CLUSTER_PODS} pods`,
      await measured(() => ({ path: pods }), LISTS),
      15,
    ),
    row(
      'api-table',
      '… as the table of `kubectl get pods`',
      await measured(() => ({ path: `${pods}?limit=500`, accept: TABLE }), LISTS),
    ),
    row('api-update', 'update a ConfigMap', await times(await updateOf(line), REQUESTS)),
    row(
      'api-merge',
      'merge patch of a pod',
      await measured((index) => patchOf(pod, index, 'application/merge-patch+json')),
    ),
    row(
      'api-strategic',
      'strategic merge patch of a Deployment',
      await measured((index) =>
        patchOf(DEPLOYMENT, index, 'application/strategic-merge-patch+json'),
      ),
    ),
    row('api-apply', 'server-side apply of a Deployment', await measured(applied)),
    row(
      'api-connect',
      'new connection, TLS handshake and GET',
      await connectTimes(kubeconfig, pod),
    ),
  ];
}

function row(id: string, what: string, samples: readonly number[], atMost?: number): Row {
  const value = percentile(samples, 0.5);
  return {
    id,
    what: `${what} p50`,
    unit: 'ms',
    value,
    ...(atMost !== undefined && { goal: { atMost } }),
  };
}

function patchOf(path: string, index: number, type: string): Question {
  const body = { metadata: { annotations: { turn: String(index) } } };
  return { method: 'PATCH', path, type, body };
}

/** What `kubectl apply --server-side` sends: a whole Deployment with one change. */
function applied(index: number): Question {
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { turn: String(index) } },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            { name: 'web', image: 'nginx:1.27', ports: [{ containerPort: 80 }] },
            { name: 'log', image: 'busybox', env: [{ name: 'LEVEL', value: 'info' }] },
          ],
        },
      },
    },
  };
  const query = '?fieldManager=bench&force=true&fieldValidation=Strict';
  return {
    method: 'PATCH',
    path: `${DEPLOYMENT}${query}`,
    type: 'application/apply-patch+yaml',
    body,
  };
}

async function updateOf(line: ApiLine): Promise<(index: number) => Promise<unknown>> {
  const path = `${NAMESPACE}/configmaps`;
  await line.ask({ method: 'POST', path, body: configMapOf(0) });
  return (index) =>
    line.ask({
      method: 'PUT',
      path: `${path}/settings-0`,
      body: { ...configMapOf(0), data: { turn: String(index) } },
    });
}

/** As each kubectl does it. */
async function connectTimes(kubeconfig: string, path: string): Promise<readonly number[]> {
  return times(async () => {
    using line = await openApiLine(kubeconfig);
    await line.ask({ path });
  }, CONNECTIONS);
}

async function times(
  act: (index: number) => Promise<unknown>,
  count: number,
): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count + WARM_UPS; index++) {
    const startMs = performance.now();
    await act(index);
    if (index >= WARM_UPS) taken.push(performance.now() - startMs);
  }
  return taken;
}
