/** metrics.k8s.io as metrics-server has it, worked out when somebody asks: nothing is measured while nobody looks. */
import { timestampOf } from '../../clock.ts';
import { asJson, asKubeObject } from '../../kinds/json.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { FIRST_METRICS_MS, METRICS_WINDOW_MS } from '../limits.ts';
import type { PodWorker } from '../pods/pod-worker.ts';
import type { Usage } from './container-usage.ts';

/** What one pod uses. */
export interface PodUsage {
  readonly worker: PodWorker;
  readonly containers: readonly (Usage & { readonly name: string })[];
}

/** What kubelet, containerd and the kernel themselves use on a node. */
export const SYSTEM_USAGE: Usage = { nanoCpu: 38_000_000, memoryBytes: 620 * 1024 * 1024 };

/** What the pods that run use now; a pod is left out until all its containers have run for a while, as upstream does. */
export function podUsages(workers: Iterable<PodWorker>, nowMs: number): readonly PodUsage[] {
  return [...workers].flatMap((worker) => {
    const running = worker.containers.filter(({ isInit, isSidecar }) => !isInit || isSidecar);
    const isMeasured = running.every(({ run, state }) => {
      const startedMs = Date.parse(state.running?.startedAt ?? '');
      return run !== undefined && nowMs - startedMs >= FIRST_METRICS_MS;
    });
    if (!isMeasured || running.length === 0) return [];
    const containers = running.flatMap(({ name, run }) =>
      run ? [{ name, ...run.usage(seedOf(worker.pod.metadata.uid + name, nowMs)) }] : [],
    );
    return [{ worker, containers }];
  });
}

/** PodMetrics objects. */
export function podMetrics(usages: readonly PodUsage[], nowMs: number): readonly KubeObject[] {
  return usages.map(({ worker, containers }) => {
    const shown = containers.map((one) => ({ name: one.name, usage: amounts(one) }));
    return measured('PodMetrics', worker.pod, nowMs, { containers: shown });
  });
}

/** NodeMetrics objects of these nodes. */
export function nodeMetrics(
  nodes: readonly KubeObject[],
  usages: readonly PodUsage[],
  nowMs: number,
): readonly KubeObject[] {
  return nodes.map((node) => {
    const own = usages
      .filter(({ worker }) => worker.pod.spec.nodeName === node.metadata.name)
      .flatMap(({ containers }) => containers);
    return measured('NodeMetrics', node, nowMs, { usage: amounts(sum([SYSTEM_USAGE, ...own])) });
  });
}

/** All of them together. */
export function sum(usages: readonly Usage[]): Usage {
  return {
    nanoCpu: usages.reduce((total, { nanoCpu }) => total + nanoCpu, 0),
    memoryBytes: usages.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
  };
}

/** These objects are stored nowhere: upstream's have neither an id nor a version either. */
function measured(
  kind: string,
  { metadata }: KubeObject,
  nowMs: number,
  figures: JsonObject,
): KubeObject {
  const { name, namespace, labels } = metadata;
  const seed = seedOf(name, nowMs);
  return asKubeObject({
    kind,
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      creationTimestamp: timestampOf(nowMs),
      ...(labels && { labels: asJson(labels) }),
    },
    timestamp: timestampOf(nowMs - (nowMs % METRICS_WINDOW_MS)),
    window: `${(METRICS_WINDOW_MS + (seed % 900)) / 1000}s`,
    ...figures,
  });
}

function amounts({ nanoCpu, memoryBytes }: Usage): JsonObject {
  return { cpu: `${nanoCpu}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}

/** A number that belongs to a name and to the window that `nowMs` is in. */
function seedOf(name: string, nowMs: number): number {
  let value = Math.floor(nowMs / METRICS_WINDOW_MS) % 10_007;
  for (const sign of name) value = (value * 31 + (sign.codePointAt(0) ?? 0)) % 1_000_003;
  return value;
}
