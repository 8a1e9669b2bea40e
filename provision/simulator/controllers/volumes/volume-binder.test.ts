import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../kinds/resources.ts';
import type { PersistentVolume } from '../../kinds/types/core.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { claimProtectionController, volumeProtectionController } from './protection.ts';
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

function volume(cluster: FakeCluster, name: string, size: string): Promise<PersistentVolume> {
  return cluster.create(persistentVolumes, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'manual',
    },
    status: { phase: 'Pending' },
  });
}

test('a claim of the default class waits for a pod, gets a volume on the node of that pod, and takes it along', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(storageClasses, defaultStorageClass());
  await cluster.run(volumeBinder);
  await claim(cluster, 'data');
  assert.equal(cluster.get(persistentVolumeClaims, 'data', 'default')?.status?.phase, 'Pending');
  const annotations = { 'volume.kubernetes.io/selected-node': 'node01' };
  const target = { name: 'data', namespace: 'default' };
  await cluster.patch(persistentVolumeClaims, target, { metadata: { annotations } });
  await cluster.clock.advance(10);
  const bound = cluster.get(persistentVolumeClaims, 'data', 'default') ?? assert.fail();
  const name = `pvc-${bound.metadata.uid}`;
  assert.deepEqual(bound.status, {
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
  });
  assert.deepEqual([bound.spec.volumeName, bound.spec.storageClassName], [name, 'local-path']);
  assert.equal(cluster.get(persistentVolumes, name)?.status?.phase, 'Bound');
  await cluster.run(volumeProtectionController);
  await cluster.delete(persistentVolumeClaims, target);
  await cluster.clock.advance(10);
  assert.deepEqual(cluster.list(persistentVolumes), []);
  assert.deepEqual(cluster.errors, []);
  assert.deepEqual(cluster.eventTexts(), [
    'Normal WaitForFirstConsumer data: waiting for first consumer to be created before binding (x2)',
    "Normal ExternalProvisioning data: Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
    'Normal Provisioning data: External provisioner is provisioning volume for claim "default/data"',
    `Normal ProvisioningSucceeded data: Successfully provisioned volume ${name}`,
  ]);
});

test('a claim that pods use, and a volume that a claim has, stay until they are free', async () => {
  await using cluster = new FakeCluster();
  await cluster.run(volumeBinder);
  await cluster.run(claimProtectionController);
  await cluster.run(volumeProtectionController);
  await volume(cluster, 'disk', '1Gi');
  await claim(cluster, 'data', { storageClassName: 'manual' });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'db', namespace: 'default' },
    spec: { containers: [], volumes },
  };
  await cluster.create(pods, pod);
  await cluster.delete(persistentVolumes, { name: 'disk' });
  await cluster.delete(persistentVolumeClaims, { name: 'data', namespace: 'default' });
  await cluster.clock.advance(10);
  const finalizers = () => [
    cluster.get(persistentVolumeClaims, 'data', 'default')?.metadata.finalizers,
    cluster.get(persistentVolumes, 'disk')?.metadata.finalizers,
  ];
  assert.deepEqual(finalizers(), [
    ['kubernetes.io/pvc-protection'],
    ['kubernetes.io/pv-protection'],
  ]);
  await cluster.delete(pods, { name: 'db', namespace: 'default' });
  await cluster.clock.advance(10);
  assert.deepEqual(finalizers(), [undefined, ['kubernetes.io/pv-protection']]);
  assert.deepEqual(cluster.errors, []);
});

test('a claim takes only volumes with the labels, class and modes it asks for', async () => {
  await using cluster = new FakeCluster();
  await cluster.run(volumeBinder);
  await volume(cluster, 'hdd', '1Gi');
  const selector = { matchLabels: { disk: 'ssd' } };
  await claim(cluster, 'fast', { storageClassName: 'manual', selector });
  await claim(cluster, 'shared', { storageClassName: 'manual', accessModes: ['ReadWriteMany'] });
  await claim(cluster, 'big', {
    storageClassName: 'manual',
    volumeName: 'hdd',
    resources: { requests: { storage: '2Gi' } },
  });
  await claim(cluster, 'fits', { storageClassName: 'manual', volumeName: 'hdd' });
  const phases = cluster
    .list(persistentVolumeClaims)
    .map(({ metadata, status }) => [metadata.name, status?.phase]);
  assert.deepEqual(phases, [
    ['big', 'Pending'],
    ['fast', 'Pending'],
    ['fits', 'Bound'],
    ['shared', 'Pending'],
  ]);
  await cluster.delete(persistentVolumes, { name: 'hdd' });
  await cluster.clock.advance(10);
  assert.equal(cluster.get(persistentVolumeClaims, 'fits', 'default')?.status?.phase, 'Lost');
  const texts = cluster.eventTexts();
  assert.ok(
    texts.includes(
      'Warning VolumeMismatch big: Cannot bind to requested volume "hdd": requested PV is too small',
    ),
  );
  assert.ok(
    texts.includes(
      'Warning ClaimLost fits: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ),
  );
});

test('a claim takes the smallest volume that is there and fits; released, it is kept as its policy says', async () => {
  await using cluster = new FakeCluster();
  for (const size of ['10Gi', '2Gi', '500Mi']) {
    await volume(cluster, `disk-${size.toLowerCase()}`, size);
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
