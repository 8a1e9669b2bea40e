import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { labTools } from '../../provision/index.ts';
import { startHostedCluster } from './product/hosted-cluster.ts';
import { prepareKubectl } from './product/kubectl.ts';
import { percentile, type Row } from './row.ts';

const RUNS = 3;
const PODS = 6;
const POLL_MS = 20;
const LIMIT_MS = 20_000;
const SAMPLE = 'istio-1.30.3/samples/bookinfo/platform/kube/bookinfo.yaml';

/** `kubectl apply -f bookinfo.yaml` in a namespace with injection, to six pods with their sidecars Ready. */
export async function measureBookinfo(): Promise<readonly Row[]> {
  const { homeFolder } = await labTools();
  const times: number[] = [];
  for (let index = 0; index < RUNS; index++) {
    times.push(await readyTime(path.join(homeFolder, SAMPLE)));
  }
  const value = percentile(times, 0.5);
  const what = '`kubectl apply` of Bookinfo to all Ready';
  return [{ id: 'bookinfo', what, unit: 'ms', value, goal: { atMost: 3_000 } }];
}

async function readyTime(file: string): Promise<number> {
  await using cluster = await startHostedCluster({ istio: 'demo', hasBookinfo: false });
  await using kubectl = await prepareKubectl(cluster.kubeconfig);
  await kubectl.run(['label', 'namespace', 'default', 'istio-injection=enabled']);
  const startMs = performance.now();
  await kubectl.run(['apply', '-f', file]);
  while (!isAllReady(await cluster.line.ask({ path: '/api/v1/namespaces/default/pods' }))) {
    if (performance.now() - startMs > LIMIT_MS) throw new Error('Bookinfo does not get ready');
    await delay(POLL_MS);
  }
  return performance.now() - startMs;
}

/** Counts in the text: the list has many shapes of fields that do not matter here. */
function isAllReady(list: string): boolean {
  const ready = list.match(/"ready":true/g)?.length ?? 0;
  return ready === PODS * 2;
}
