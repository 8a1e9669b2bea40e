import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  persistentVolumeClaims,
  persistentVolumes,
  storageClasses,
} from '../../kinds/resources.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { volumeBinder } from './volume-binder.ts';

async function claim(cluster: FakeCluster, name: string, spec = {}): Promise<void> {
  await cluster.create(persistentVolumeClaims, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
    status: { phase: 'Pending' },
  });
  await cluster.clock.advance(0);
}

test('a claim without a class gets a new volume of the default class, which goes with it', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(storageClasses, defaultStorageClass());
  await cluster.run(volumeBinder);
  await claim(cluster, 'data');
  const bound = cluster.get(persistentVolumeClaims, 'data', 'default') ?? assert.fail();
  const name = `pvc-${bound.metadata.uid}`;
  assert.deepEqual(bound.status, {
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
  });
  assert.deepEqual([bound.spec.volumeName, bound.spec.storageClassName], [name, 'local-path']);
  assert.equal(cluster.get(persistentVolumes, name)?.status?.phase, 'Bound');
  await cluster.delete(persistentVolumeClaims, { name: 'data', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.list(persistentVolumes), []);
  assert.deepEqual(cluster.errors, []);
});

test('a claim takes the smallest volume that is there and fits; released, it is kept as its policy says', async () => {
  await using cluster = new FakeCluster();
  for (const size of ['10Gi', '2Gi', '500Mi']) {
    await cluster.create(persistentVolumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `disk-${size.toLowerCase()}` },
      spec: {
        capacity: { storage: size },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'manual',
      },
      status: { phase: 'Pending' },
    });
  }
  await cluster.run(volumeBinder);
  await claim(cluster, 'data', { storageClassName: 'manual' });
  const phases = () =>
    Object.fromEntries(
      cluster.list(persistentVolumes).map(({ metadata, status }) => [metadata.name, status?.phase]),
    );
  const others = { 'disk-10gi': 'Available', 'disk-500mi': 'Available' };
  assert.deepEqual(phases(), { ...others, 'disk-2gi': 'Bound' });
  await cluster.delete(persistentVolumeClaims, { name: 'data', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.deepEqual(phases(), { ...others, 'disk-2gi': 'Released' });
});

test('a claim whose class does not exist waits, and says so', async () => {
  await using cluster = new FakeCluster();
  await cluster.run(volumeBinder);
  await claim(cluster, 'data', { storageClassName: 'fast' });
  assert.equal(cluster.get(persistentVolumeClaims, 'data', 'default')?.status?.phase, 'Pending');
  assert.deepEqual(cluster.eventTexts(), [
    'Warning ProvisioningFailed data: storageclass.storage.k8s.io "fast" not found',
  ]);
});
