import { setTimeout as pause } from 'node:timers/promises';

import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';

import { startLocalCluster } from '../../../provision/index.ts';

const LIMIT_MS = 20_000;
const PAUSE_MS = 20;

/** A simulated cluster with one worker, and the configuration of its administrator. */
export interface ClientCluster extends AsyncDisposable {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
}

export async function startClientCluster(): Promise<ClientCluster> {
  const cluster = await startLocalCluster({ istio: 'none', hasBookinfo: false, workers: 1 });
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  return {
    config,
    core: config.makeApiClient(CoreV1Api),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

/**
 * Waits until `read` gives something.
 * @throws Error naming `what` after 20 seconds
 */
export async function until<T>(what: string, read: () => T | Promise<T>): Promise<NonNullable<T>> {
  const endMs = Date.now() + LIMIT_MS;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > endMs) throw new Error(`Waited in vain for ${what}`);
    await pause(PAUSE_MS);
  }
}

/** Creates a pod in `default` and waits until it is ready. */
export async function runPod(core: CoreV1Api, name: string, spec: V1Pod['spec']): Promise<V1Pod> {
  const body = { metadata: { name, labels: { app: name } }, ...(spec && { spec }) };
  await core.createNamespacedPod({ namespace: 'default', body });
  return until(`pod ${name}`, async () => {
    const pod = await core.readNamespacedPod({ name, namespace: 'default' });
    const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' ? pod : undefined;
  });
}
