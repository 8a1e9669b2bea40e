import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../client/api-error.ts';
import { pods, replicaSets, replicationControllers } from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { replicaSetController, replicationController } from './replica-set.ts';
import { inOrderOfDeletion } from './scale-down.ts';

const NOW = '2026-01-01T00:00:00Z';
const POD_SPEC = {
  containers: [{ name: 'web', image: 'nginx' }],
  restartPolicy: 'Always',
} as const;

async function clusterWith(replicas: number): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: POD_SPEC },
    },
  });
  return cluster;
}

function createPod(cluster: FakeCluster, name: string): Promise<Pod> {
  return cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: POD_SPEC,
  });
}

test('a ReplicaSet takes in an orphan that fits and makes only the rest', async () => {
  await using cluster = await clusterWith(2);
  await createPod(cluster, 'orphan');
  await cluster.run(replicaSetController);
  assert.deepEqual(
    cluster.list(pods).map(({ metadata }) => [metadata.name, metadata.ownerReferences?.[0]?.name]),
    [
      ['orphan', 'web'],
      ['web-aaaa1', 'web'],
    ],
  );
  assert.deepEqual(cluster.eventTexts(), ['Normal SuccessfulCreate web: Created pod: web-aaaa1']);
});

test('a ReplicaSet lets a pod go whose labels fit no more, and replaces it', async () => {
  await using cluster = await clusterWith(1);
  await cluster.run(replicaSetController);
  const [made = assert.fail()] = cluster.list(pods);
  const labels = { app: 'debug' };
  await cluster.update(pods, { ...made, metadata: { ...made.metadata, labels } });
  await cluster.clock.advance(0);
  assert.deepEqual(
    cluster.list(pods).map(({ metadata }) => [metadata.name, metadata.ownerReferences?.length]),
    [
      ['web-aaaa1', undefined],
      ['web-aaaa2', 1],
    ],
  );
});

test('a ReplicaSet whose pods are refused says why, tries again later, and forgets it once they are not', async () => {
  await using cluster = await clusterWith(1);
  const message = 'pods "web-aaaa1" is forbidden: exceeded quota';
  cluster.refuse = (resource) =>
    resource.plural === 'pods' ? new ApiError(403, 'Forbidden', message) : undefined;
  await cluster.run(replicaSetController);
  await cluster.clock.advance(20);
  const status = () => cluster.get(replicaSets, 'web', 'default')?.status;
  assert.deepEqual(status(), {
    replicas: 0,
    observedGeneration: 1,
    conditions: [
      {
        type: 'ReplicaFailure',
        status: 'True',
        reason: 'FailedCreate',
        message,
        lastTransitionTime: NOW,
      },
    ],
  });
  // Its own status brings one pass at once; the others come after 5 and 15 ms.
  assert.match(
    cluster.eventTexts().join('\n'),
    /^Warning FailedCreate web: Error creating: pods "web-aaaa1" is forbidden: exceeded quota \(x[34]\)$/,
  );
  cluster.refuse = () => undefined;
  await cluster.clock.advance(60_000);
  assert.deepEqual(status(), { replicas: 1, fullyLabeledReplicas: 1, observedGeneration: 1 });
});

test('a ReplicaSet waits longer after each refusal, whichever pod it is about', async () => {
  await using cluster = await clusterWith(1);
  let refusals = 0;
  cluster.refuse = (resource) => {
    if (resource.plural !== 'pods') return undefined;
    refusals++;
    return new ApiError(403, 'Forbidden', `pods "web-${refusals}" is forbidden: exceeded quota`);
  };
  await cluster.run(replicaSetController);
  await cluster.clock.advance(1_000);
  // One pass more for its own status; then 5, 10, 20 … 640 ms lie between two tries.
  assert.ok(refusals <= 10, `${refusals} tries in a second`);
  const [failure] = cluster.get(replicaSets, 'web', 'default')?.status.conditions ?? [];
  assert.equal(failure?.message, 'pods "web-1" is forbidden: exceeded quota');
});

test('a ReplicaSet counts pods as available only after minReadySeconds', async () => {
  await using cluster = await clusterWith(1);
  const set = cluster.get(replicaSets, 'web', 'default') ?? assert.fail();
  await cluster.update(replicaSets, { ...set, spec: { ...set.spec, minReadySeconds: 30 } });
  await cluster.run(replicaSetController);
  const [made = assert.fail()] = cluster.list(pods);
  await cluster.reportPod(made, readyStatus('10.244.1.2', NOW));
  const available = () => cluster.get(replicaSets, 'web', 'default')?.status.availableReplicas;
  await cluster.clock.advance(29_000);
  assert.equal(available(), undefined);
  await cluster.clock.advance(1_000);
  assert.equal(available(), 1);
});

interface Looks {
  readonly node?: string;
  readonly phase?: 'Running' | 'Pending';
  readonly ready?: boolean;
  readonly metadata?: Partial<Pod['metadata']>;
}

function pod(name: string, looks: Looks): Pod {
  const { node = 'a', phase = 'Running', ready = true, metadata } = looks;
  const status = ready ? 'True' : 'False';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: NOW, ...metadata },
    spec: { ...POD_SPEC, ...(node !== '' && { nodeName: node }) },
    status: { phase, conditions: [{ type: 'Ready', status, lastTransitionTime: NOW }] },
  };
}

test('inOrderOfDeletion() gives up what is missed least: unassigned, pending, not ready, cheap, crowded, young', () => {
  const nowMs = Date.parse('2026-01-01T01:00:00Z');
  const cost = 'controller.kubernetes.io/pod-deletion-cost';
  const candidates = [
    pod('dear', { metadata: { annotations: { [cost]: '5' } } }),
    pod('alone', { node: 'b' }),
    pod('young', { metadata: { creationTimestamp: '2026-01-01T00:59:00Z' } }),
    pod('crowded', {}),
    pod('cheap', { metadata: { annotations: { [cost]: '-1' } } }),
    pod('unready', { ready: false }),
    pod('pending', { phase: 'Pending', ready: false }),
    pod('unassigned', { node: '', phase: 'Pending', ready: false }),
  ];
  const order = inOrderOfDeletion(candidates, candidates, nowMs).map(
    ({ metadata }) => metadata.name,
  );
  assert.deepEqual(order, [
    'unassigned',
    'pending',
    'unready',
    'cheap',
    'young',
    'crowded',
    'alone',
    'dear',
  ]);
});

test('a ReplicationController does the same by a plain selector', async () => {
  await using cluster = new FakeCluster();
  await createPod(cluster, 'orphan');
  await cluster.create(replicationControllers, {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { app: 'web' },
      template: { metadata: { labels: { app: 'web' } }, spec: POD_SPEC },
    },
    status: { replicas: 0 },
  });
  await cluster.run(replicationController);
  const owners = cluster.list(pods).map(({ metadata }) => metadata.ownerReferences?.[0]?.kind);
  assert.deepEqual(owners, ['ReplicationController', 'ReplicationController']);
  const status = cluster.get(replicationControllers, 'web', 'default')?.status;
  assert.deepEqual(status, { replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 });
  assert.deepEqual(cluster.errors, []);
});
