import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configMaps, namespaces, pods, serviceAccounts } from '../../kinds/resources.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { namespaceController } from './namespace.ts';
import { rootCertificateController, serviceAccountController } from './starting-contents.ts';

async function clusterWith(...names: readonly string[]): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  for (const name of names) {
    await cluster.create(namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      spec: { finalizers: ['kubernetes'] },
    });
  }
  return cluster;
}

test('a deleted namespace goes when its last pod has stopped, and says until then what is left', async () => {
  await using cluster = await clusterWith('shop');
  const metadata = { name: 'web', namespace: 'shop' };
  await cluster.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { nodeName: 'node01' },
  });
  await cluster.run(namespaceController);
  await cluster.delete(namespaces, { name: 'shop' });
  await cluster.clock.advance(0);
  const conditions = cluster.get(namespaces, 'shop')?.status?.conditions ?? [];
  assert.deepEqual(
    conditions.map(({ type, status, message }) => `${type} ${status} ${message}`),
    [
      'NamespaceDeletionDiscoveryFailure False All resources successfully discovered',
      'NamespaceDeletionGroupVersionParsingFailure False All legacy kube types successfully parsed',
      'NamespaceDeletionContentFailure False All content successfully deleted, may be waiting on finalization',
      'NamespaceContentRemaining True Some resources are remaining: pods. has 1 resource instances',
      'NamespaceFinalizersRemaining False All content-preserving finalizers finished',
    ],
  );
  assert.deepEqual(cluster.list(configMaps), []);
  await cluster.delete(pods, metadata, { gracePeriodSeconds: 0 });
  await cluster.clock.advance(0);
  assert.equal(cluster.get(namespaces, 'shop'), undefined);
});

test('every namespace has its service account and the root certificate, and gets them back', async () => {
  await using cluster = await clusterWith('kube-system', 'shop');
  const name = 'kube-root-ca.crt';
  const data = { 'ca.crt': 'PEM' };
  await cluster.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system' },
    data,
  });
  await cluster.run(serviceAccountController);
  await cluster.run(rootCertificateController);
  for (const namespace of ['kube-system', 'shop']) {
    await cluster.delete(configMaps, { name, namespace });
    await cluster.delete(serviceAccounts, { name: 'default', namespace });
  }
  await cluster.clock.advance(0);
  assert.deepEqual(
    cluster.list(configMaps).map((map) => [map.metadata.namespace, map.metadata.name, map.data]),
    [
      ['kube-system', name, data],
      ['shop', name, data],
    ],
  );
  assert.deepEqual(
    cluster.list(serviceAccounts).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    ['kube-system/default', 'shop/default'],
  );
});
