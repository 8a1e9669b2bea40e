import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../kinds/resources.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { SCHEDULER_TURN_PODS } from '../limits.ts';
import { defaultStorageClass } from '../volumes/default-storage-class.ts';
import { volumeBinder } from '../volumes/volume-binder.ts';
import { asking, node, pod } from './fake-snapshot.ts';
import { schedulerController } from './scheduler.ts';

test('the scheduler binds pods, says once why one must wait, and looks again when a node changes', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(nodes, { ...node('node01', { unschedulable: true }) });
  await cluster.create(pods, { ...pod('web') });
  await cluster.run(schedulerController);
  await cluster.clock.advance(60_000);
  const [waiting] = cluster.list(pods);
  assert.deepEqual(waiting?.status, {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message:
          '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
        observedGeneration: 1,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  });
  const known = cluster.get(nodes, 'node01') ?? assert.fail();
  await cluster.update(nodes, { ...known, spec: {} });
  await cluster.clock.advance(0);
  assert.equal(cluster.get(pods, 'web', 'default')?.spec.nodeName, 'node01');
  assert.deepEqual(cluster.eventTexts(), [
    'Warning FailedScheduling web: 0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    'Normal Scheduled web: Successfully assigned default/web to node01',
  ]);
});

test('pods of another scheduler are left alone, and pods with scheduling gates are told of them', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(nodes, { ...node('node01') });
  await cluster.create(pods, { ...pod('other', { schedulerName: 'own' }) });
  await cluster.create(pods, { ...pod('gated', { schedulingGates: [{ name: 'wait' }] }) });
  await cluster.run(schedulerController);
  assert.deepEqual(
    cluster.list(pods).map(({ spec, status }) => [spec.nodeName, status.conditions?.[0]?.reason]),
    [
      [undefined, 'SchedulingGated'],
      [undefined, undefined],
    ],
  );
});

test('the scheduler sends less important pods away, keeps their room and says so', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(nodes, { ...node('node01') });
  const low = pod('low', { ...asking({ cpu: '3' }), priority: 1, nodeName: 'node01' });
  await cluster.create(pods, { ...low });
  await cluster.run(schedulerController);
  await cluster.create(pods, { ...pod('high', { ...asking({ cpu: '2' }), priority: 9 }) });
  await cluster.clock.advance(0);
  const leaving = cluster.get(pods, 'low', 'default') ?? assert.fail();
  assert.equal(leaving.metadata.deletionTimestamp, '2026-01-01T00:00:00Z');
  assert.deepEqual(leaving.status.conditions, [
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ]);
  assert.equal(cluster.get(pods, 'high', 'default')?.status.nominatedNodeName, 'node01');
  // The room is not for those that are less important.
  await cluster.create(pods, { ...pod('late', asking({ cpu: '3' })) });
  await cluster.delete(pods, { name: 'low', namespace: 'default' }, { gracePeriodSeconds: 0 });
  await cluster.clock.advance(0);
  const placed = cluster.list(pods).map(({ metadata, spec, status }) => {
    return [metadata.name, spec.nodeName, status.nominatedNodeName];
  });
  assert.deepEqual(placed, [
    ['high', 'node01', undefined],
    ['late', undefined, undefined],
  ]);
  const uid = cluster.get(pods, 'high', 'default')?.metadata.uid;
  assert.deepEqual(cluster.eventTexts().slice(0, 2), [
    'Warning FailedScheduling high: 0/1 nodes are available: 1 Insufficient cpu.',
    `Normal Preempted low: Preempted by pod ${uid} on node node01`,
  ]);
});

test('a pod whose claim waits for its first consumer chooses the node on which the volume is made', async () => {
  await using cluster = new FakeCluster();
  for (const name of ['a', 'b']) {
    await cluster.create(nodes, { ...node(name, {}, { 'kubernetes.io/hostname': name }) });
  }
  await cluster.create(storageClasses, defaultStorageClass());
  await cluster.create(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local-path',
      resources: { requests: { storage: '1Gi' } },
    },
  });
  await cluster.run(volumeBinder);
  await cluster.run(schedulerController);
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  await cluster.create(pods, {
    ...pod('db', { volumes, nodeSelector: { 'kubernetes.io/hostname': 'b' } }),
  });
  await cluster.clock.advance(0);
  await cluster.clock.advance(10);
  assert.equal(cluster.get(pods, 'db', 'default')?.spec.nodeName, 'b');
  const [volume] = cluster.list(persistentVolumes);
  assert.equal(volume?.metadata.annotations?.['local.path.provisioner/selected-node'], 'b');
  // From now on the volume says where.
  await cluster.create(pods, {
    ...pod('other', { volumes, nodeSelector: { 'kubernetes.io/hostname': 'a' } }),
  });
  await cluster.create(pods, { ...pod('lost', { volumes: claimOf('nothing') }) });
  await cluster.clock.advance(0);
  const messages = ['other', 'lost'].map(
    (name) => cluster.get(pods, name, 'default')?.status.conditions?.[0]?.message,
  );
  assert.deepEqual(messages, [
    "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    '0/2 nodes are available: persistentvolumeclaim "nothing" not found. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  ]);
  assert.deepEqual(cluster.errors, []);
});

function claimOf(claimName: string) {
  return [{ name: 'data', persistentVolumeClaim: { claimName } }];
}

test('the scheduler lets other work of the process have its turn between pods', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(nodes, { ...node('node01') });
  const count = 30 * SCHEDULER_TURN_PODS;
  for (let index = 0; index < count; index++) await cluster.create(pods, { ...pod(`p${index}`) });
  const handled = () => cluster.list(pods).filter(isHandled).length;
  let turnsBetween = 0;
  await cluster.run(schedulerController);
  for (let turn = 0; turn < 200 && handled() < count; turn++) {
    turnsBetween++;
    await cluster.clock.advance(0);
  }
  assert.equal(handled(), count);
  assert.ok(turnsBetween > 1);
});

function isHandled({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined || status.conditions !== undefined;
}
