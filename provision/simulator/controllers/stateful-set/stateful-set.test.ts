import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  controllerRevisions,
  persistentVolumeClaims,
  pods,
  statefulSets,
} from '../../kinds/resources.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { isReady } from '../pods.ts';
import { statefulSetController } from './stateful-set.ts';

const NOW = '2026-01-01T00:00:00Z';

async function clusterWith(spec = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(statefulSets, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: { containers: [{ name: 'db', image: 'db:1' }], restartPolicy: 'Always' },
      },
      ...spec,
    },
    status: {},
  });
  return cluster;
}

async function change(cluster: FakeCluster, spec: object): Promise<void> {
  const set = cluster.get(statefulSets, 'db', 'default') ?? assert.fail();
  await cluster.update(statefulSets, { ...set, spec: { ...set.spec, ...spec } });
  await cluster.clock.advance(0);
}

function template(image: string) {
  return {
    metadata: { labels: { app: 'db' } },
    spec: { containers: [{ name: 'db', image }], restartPolicy: 'Always' },
  };
}

async function letPodsRun(cluster: FakeCluster): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const pod = cluster.list(pods).find((one) => !isReady(one));
    if (!pod) return;
    await cluster.reportPod(pod, readyStatus('10.244.1.2', NOW));
  }
}

test('a StatefulSet starts its pods in order, each when the one before is ready', async () => {
  await using cluster = await clusterWith();
  await cluster.run(statefulSetController);
  assert.deepEqual(
    cluster.list(pods).map(({ metadata }) => metadata.name),
    ['db-0'],
  );
  await letPodsRun(cluster);
  const revision = cluster.list(controllerRevisions)[0]?.metadata.name;
  assert.deepEqual(
    cluster
      .list(pods)
      .map(({ metadata, spec }) => [metadata.labels, spec.hostname, spec.subdomain]),
    [0, 1].map((index) => [
      {
        app: 'db',
        'controller-revision-hash': revision,
        'apps.kubernetes.io/pod-index': String(index),
        'statefulset.kubernetes.io/pod-name': `db-${index}`,
      },
      `db-${index}`,
      'db',
    ]),
  );
  assert.deepEqual(cluster.get(statefulSets, 'db', 'default')?.status, {
    observedGeneration: 1,
    replicas: 2,
    readyReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
  });
  assert.deepEqual(cluster.eventTexts(), [
    'Normal SuccessfulCreate db: create Pod db-0 in StatefulSet db successful',
    'Normal SuccessfulCreate db: create Pod db-1 in StatefulSet db successful',
  ]);
});

test('a rolling update goes from the highest ordinal down to the partition', async () => {
  const rollingUpdate = { partition: 1 };
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate };
  await using cluster = await clusterWith({ updateStrategy });
  await cluster.run(statefulSetController);
  await letPodsRun(cluster);
  await change(cluster, { template: template('db:2') });
  await letPodsRun(cluster);
  const images = () => cluster.list(pods).map(({ spec }) => spec.containers[0]?.image);
  assert.deepEqual(images(), ['db:1', 'db:2']);
  await change(cluster, { updateStrategy: { type: 'RollingUpdate' } });
  await letPodsRun(cluster);
  assert.deepEqual(images(), ['db:2', 'db:2']);
  const status = cluster.get(statefulSets, 'db', 'default')?.status;
  assert.equal(status?.currentRevision, status?.updateRevision);
});

test('a StatefulSet shrinks from the top, and its claims stay', async () => {
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: [] } }];
  await using cluster = await clusterWith({ volumeClaimTemplates });
  await cluster.run(statefulSetController);
  await letPodsRun(cluster);
  assert.deepEqual(cluster.list(pods)[1]?.spec.volumes, [
    { name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } },
  ]);
  await change(cluster, { replicas: 1 });
  assert.deepEqual(
    cluster.list(pods).map(({ metadata }) => metadata.name),
    ['db-0'],
  );
  assert.deepEqual(
    cluster.list(persistentVolumeClaims).map(({ metadata }) => metadata.name),
    ['data-db-0', 'data-db-1'],
  );
});

test('an older template that comes back is an older revision with a new number', async () => {
  await using cluster = await clusterWith();
  await cluster.run(statefulSetController);
  for (const image of ['db:2', 'db:1']) {
    await letPodsRun(cluster);
    await change(cluster, { template: template(image) });
  }
  await letPodsRun(cluster);
  assert.deepEqual(
    cluster
      .list(controllerRevisions)
      .map(({ revision }) => revision)
      .toSorted((a, b) => a - b),
    [2, 3],
  );
});

test('claims go with the set or with pods that are given up, as the retention policy says', async () => {
  const claim = { metadata: { name: 'data' }, spec: {} };
  await using cluster = await clusterWith({
    volumeClaimTemplates: [claim],
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
  });
  await cluster.run(statefulSetController);
  await letPodsRun(cluster);
  const owners = () =>
    cluster
      .list(persistentVolumeClaims)
      .map(({ metadata }) => metadata.ownerReferences?.map(({ kind, name }) => `${kind}/${name}`));
  assert.deepEqual(owners(), [['StatefulSet/db'], ['StatefulSet/db']]);
  await change(cluster, { replicas: 1 });
  assert.deepEqual(owners(), [['StatefulSet/db'], ['Pod/db-1']]);
  const retain = { whenDeleted: 'Retain', whenScaled: 'Retain' };
  await change(cluster, { persistentVolumeClaimRetentionPolicy: retain });
  assert.deepEqual(owners(), [undefined, ['Pod/db-1']]);
});
