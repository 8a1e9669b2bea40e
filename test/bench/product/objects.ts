import type { ApiLine } from './api-line.ts';

export const NAMESPACE = '/api/v1/namespaces/bench';

/** As many as a cluster takes (a thousand) beside those of its own. */
export const FULL_CLUSTER_PODS = 980;

/** A pod that no scheduler takes, so that nothing else goes on in the cluster. */
export function podOf(index: number): object {
  return {
    metadata: { name: `pod-${index}`, labels: { app: 'bench' } },
    spec: { schedulerName: 'none', containers: [{ name: 'web', image: 'nginx:1.27' }] },
  };
}

export function configMapOf(index: number): object {
  return { metadata: { name: `settings-${index}` }, data: { 'app.conf': `number = ${index}\n` } };
}

/** Makes the namespace and pods in it. */
export async function fillWithPods(line: ApiLine, count: number): Promise<void> {
  await line.ask({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { metadata: { name: 'bench' } },
  });
  for (let index = 0; index < count; index++) {
    await line.ask({ method: 'POST', path: `${NAMESPACE}/pods`, body: podOf(index) });
  }
}
