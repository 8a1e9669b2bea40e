import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Resource } from '../client/client.ts';
import type { ObjectMeta } from '../kinds/object.ts';
import {
  clusterRoles,
  configMaps,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  jobs,
  namespaces,
  nodes,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  resourceQuotas,
  services,
  statefulSets,
  storageClasses,
} from '../kinds/resources.ts';
import type { Pod } from '../kinds/types/core.ts';
import { FakeCluster, readyStatus } from './fake-cluster.ts';
import { defaultStorageClass, startControllers } from './index.ts';
import { isReady } from './pods.ts';

const NOW = '2026-01-01T00:00:00Z';
const SELECTOR = { matchLabels: { app: 'web' } };
const TEMPLATE = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }] }],
    restartPolicy: 'Always',
  },
};

interface Content {
  readonly metadata: Partial<ObjectMeta>;
  readonly [field: string]: unknown;
}

function home(name: string) {
  return { name, namespace: 'default' };
}

/** One of nearly everything. */
function objects(): readonly (readonly [Resource, Content])[] {
  const workload = (replicas: number, more = {}) => ({
    replicas,
    selector: SELECTOR,
    template: TEMPLATE,
    ...more,
  });
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const claim = { accessModes: [], resources: { requests: { storage: '1Gi' } } };
  const { apiVersion: _version, kind: _kind, ...storageClass } = defaultStorageClass();
  return [
    [namespaces, { metadata: { name: 'default' }, spec: { finalizers: ['kubernetes'] } }],
    [namespaces, { metadata: { name: 'kube-system' }, spec: { finalizers: ['kubernetes'] } }],
    [configMaps, { metadata: { name: 'kube-root-ca.crt', namespace: 'kube-system' }, data: {} }],
    [nodes, { metadata: { name: 'node01' }, spec: {}, status: { allocatable: { pods: '110' } } }],
    [storageClasses, storageClass],
    [clusterRoles, { metadata: { name: 'all' }, aggregationRule: {}, rules: [] }],
    [resourceQuotas, { metadata: home('all'), spec: { hard: { pods: '20' } } }],
    [persistentVolumeClaims, { metadata: home('data'), spec: claim }],
    [
      services,
      {
        metadata: home('web'),
        spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
    ],
    [
      deployments,
      { metadata: home('web'), spec: workload(2, { strategy: { type: 'RollingUpdate' } }) },
    ],
    [statefulSets, { metadata: home('db'), spec: workload(2) }],
    [daemonSets, { metadata: home('agent'), spec: workload(0) }],
    [jobs, { metadata: home('sum'), spec: workload(0, { completions: 1, parallelism: 1 }) }],
    [
      podDisruptionBudgets,
      { metadata: home('web'), spec: { selector: SELECTOR, minAvailable: 1 } },
    ],
    [
      horizontalPodAutoscalers,
      { metadata: home('web'), spec: { scaleTargetRef: target, minReplicas: 2, maxReplicas: 3 } },
    ],
  ];
}

function start(cluster: FakeCluster): AsyncDisposable {
  return startControllers({
    client: () => cluster,
    clock: cluster.clock,
    random: () => 0.5,
    loadBalancerRange: '172.30.255.0/24',
    onError: (controller, key, error) =>
      cluster.errors.push(`${controller} ${key}: ${String(error)}`),
  });
}

async function letPodsRun(cluster: FakeCluster): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const pod = cluster.list(pods).find((one) => !isReady(one));
    if (!pod) return;
    await cluster.reportPod(pod, readyStatus(`10.244.1.${round + 2}`, NOW));
    await cluster.clock.advance(0);
  }
}

/** Whose a pod is and where; a ReplicaSet without its hash. */
function placeOf({ metadata, spec }: Pod): string {
  const [owner] = metadata.ownerReferences ?? [];
  return `${owner?.kind} ${owner?.name.replace(/-.*/, '-…')} ${spec.nodeName}`;
}

test('all controllers together bring a cluster where it is wanted, and write nothing when they start on it again', async () => {
  const cluster = new FakeCluster();
  for (const [resource, object] of objects()) {
    const { group, version, kind } = resource;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    await cluster.create(resource, { ...object, apiVersion, kind });
  }
  const first = start(cluster);
  await cluster.clock.advance(0);
  await letPodsRun(cluster);
  await cluster.clock.advance(600_000);
  await first[Symbol.asyncDispose]();
  assert.deepEqual(cluster.list(pods).map(placeOf), [
    'DaemonSet agent node01',
    'StatefulSet db node01',
    'StatefulSet db node01',
    'Job sum node01',
    'ReplicaSet web-… node01',
    'ReplicaSet web-… node01',
  ]);
  assert.deepEqual(cluster.errors, []);
  cluster.writes.length = 0;
  const second = start(cluster);
  await cluster.clock.advance(3_600_000);
  await second[Symbol.asyncDispose]();
  assert.deepEqual(cluster.writes, []);
  assert.deepEqual(cluster.errors, []);
});
