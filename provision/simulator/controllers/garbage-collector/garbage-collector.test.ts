import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KubeObject } from '../../kinds/object.ts';
import { configMaps, pods, replicaSets } from '../../kinds/resources.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { controllerReference } from '../owners.ts';
import { garbageCollector } from './garbage-collector.ts';

const HOME = { name: 'set', namespace: 'default' };

function ownedBy(owner: KubeObject) {
  return { namespace: 'default', ownerReferences: [controllerReference(owner)] };
}

/** A ReplicaSet `set`, its pod `pod`, and a ConfigMap `notes` that belongs to the pod. */
async function family(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  const set = await cluster.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: HOME,
  });
  const pod = await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod', ...ownedBy(set) },
  });
  await cluster.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'notes', ...ownedBy(pod) },
  });
  cluster.writes.length = 0;
  return cluster;
}

test('the garbage collector leaves objects alone whose owners are there', async () => {
  await using cluster = await family();
  await cluster.run(garbageCollector);
  await cluster.clock.advance(60_000);
  assert.deepEqual(cluster.writes, []);
});

test('background deletion takes dependents, and theirs, after their owner', async () => {
  await using cluster = await family();
  await cluster.run(garbageCollector);
  await cluster.delete(replicaSets, HOME, { propagationPolicy: 'Background' });
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.writes, [
    'delete replicasets default/set',
    'delete pods default/pod',
    'delete configmaps default/notes',
  ]);
});

test('foreground deletion takes an owner only after all its dependents', async () => {
  await using cluster = await family();
  await cluster.run(garbageCollector);
  await cluster.delete(replicaSets, HOME, { propagationPolicy: 'Foreground' });
  await cluster.clock.advance(1_000);
  const removals = cluster.writes.filter(
    (write, index, all) => write.startsWith('delete') && all.indexOf(write, index + 1) < 0,
  );
  assert.deepEqual(removals, [
    'delete configmaps default/notes',
    'delete pods default/pod',
    'delete replicasets default/set',
  ]);
  assert.deepEqual(cluster.list(replicaSets), []);
});

test('orphaning takes the owner and leaves the dependents without it', async () => {
  await using cluster = await family();
  await cluster.run(garbageCollector);
  await cluster.delete(replicaSets, HOME, { propagationPolicy: 'Orphan' });
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.list(replicaSets), []);
  assert.deepEqual(
    cluster.list(pods).map(({ metadata }) => metadata.ownerReferences),
    [undefined],
  );
});

test('an object whose owner never was, or is another of that name, is collected at the start', async () => {
  await using cluster = await family();
  await cluster.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'lost',
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'set', uid: 'other' }],
    },
  });
  await cluster.run(garbageCollector);
  assert.deepEqual(
    cluster.list(configMaps).map(({ metadata }) => metadata.name),
    ['notes'],
  );
});

test('an owner in another namespace is none: the object is told of it and collected', async () => {
  await using cluster = await family();
  const set = cluster.list(replicaSets)[0] ?? assert.fail();
  await cluster.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...ownedBy(set), name: 'far', namespace: 'elsewhere' },
  });
  await cluster.run(garbageCollector);
  assert.equal(cluster.get(configMaps, 'far', 'elsewhere'), undefined);
  assert.deepEqual(cluster.eventTexts(), [
    `Warning OwnerRefInvalidNamespace far: ownerRef [apps/v1/ReplicaSet, namespace: elsewhere, name: set, uid: ${set.metadata.uid}] does not exist in namespace "elsewhere"`,
  ]);
});
