import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isConflict, isNotFound } from '../client/api-error.ts';
import type { NewObject } from '../client/client.ts';
import {
  configMaps,
  customResourceDefinitions,
  deployments,
  namespaces,
  pods,
  services,
} from '../kinds/resources.ts';
import { startForTest } from './fake-surroundings.ts';

function deployment(replicas: number): NewObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'nginx' }] },
      },
    },
  };
}

function pod(name: string): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  };
}

function configMap(metadata: NewObject['metadata'], data = {}): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', ...metadata },
    data,
  };
}

test('a new cluster has the namespaces, the service and the certificates that kubeadm gives it', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  assert.deepEqual(
    client.list(namespaces).map(({ metadata }) => metadata.name),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  );
  assert.equal(client.get(services, 'kubernetes', 'default')?.spec.clusterIP, '10.96.0.1');
  assert.deepEqual(client.get(configMaps, 'kube-root-ca.crt', 'default')?.data, {
    'ca.crt': api.caCertificate,
  });
});

test('the generation counts changes of the spec only, and status is written by itself', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await client.create(deployments, deployment(1));
  const target = { name: 'web', namespace: 'default' };
  await client.patch(deployments, target, { status: { replicas: 9 }, spec: { replicas: 2 } });
  await client.patch(deployments, target, { metadata: { labels: { a: 'b' } } });
  const changed = await client.patch(
    deployments,
    target,
    { status: { replicas: 2 }, spec: { replicas: 7 } },
    { subresource: 'status' },
  );
  assert.deepEqual(
    [changed.metadata.generation, changed.spec.replicas, changed.status?.replicas],
    [2, 2, 2],
  );
});

test('an update based on an outdated object is refused and one that changes nothing is not written', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const first = await client.create(configMaps, configMap({ name: 'a' }, { key: '1' }));
  const second = await client.update(configMaps, { ...first, data: { key: '2' } });
  await assert.rejects(client.update(configMaps, { ...first, data: { key: '3' } }), {
    code: 409,
    message:
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  });
  assert.equal(await client.update(configMaps, { ...second }), second);
});

test('a deleted pod stays for its kubelet until it is removed with no grace, or goes at once when it has no node', async () => {
  const { api: started, clock } = await startForTest();
  await using api = started;
  const client = api.client('kubelet');
  await client.create(pods, pod('waiting'));
  await client.create(pods, pod('bound'));
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'bound', namespace: 'default' },
    target: { kind: 'Node', name: 'node01' },
  };
  await client.update(pods, binding, { subresource: 'binding' });
  await client.delete(pods, { name: 'waiting', namespace: 'default' });
  await client.delete(pods, { name: 'bound', namespace: 'default' });
  const bound = client.get(pods, 'bound', 'default');
  assert.equal(client.get(pods, 'waiting', 'default'), undefined);
  assert.deepEqual(
    {
      node: bound?.spec.nodeName,
      deleted: bound?.metadata.deletionTimestamp,
      grace: bound?.metadata.deletionGracePeriodSeconds,
    },
    {
      node: 'node01',
      deleted: new Date(clock.now() + 30_000).toISOString().replace('.000', ''),
      grace: 30,
    },
  );
  await client.delete(pods, { name: 'bound', namespace: 'default' }, { gracePeriodSeconds: 0 });
  assert.equal(client.get(pods, 'bound', 'default'), undefined);
});

test('an object with finalizers goes with the last of them, and says so to watches in order', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const events: string[] = [];
  client.watch(configMaps, ({ type, object }) => {
    if (object.metadata.name === 'held') events.push(type);
  });
  const target = { name: 'held', namespace: 'default' };
  await client.create(configMaps, configMap({ name: 'held', finalizers: ['example.com/hold'] }));
  await client.delete(configMaps, target);
  assert.equal(
    typeof client.get(configMaps, 'held', 'default')?.metadata.deletionTimestamp,
    'string',
  );
  await client.patch(configMaps, target, { metadata: { finalizers: null } });
  assert.equal(client.get(configMaps, 'held', 'default'), undefined);
  await Promise.resolve();
  assert.deepEqual(events, ['ADDED', 'MODIFIED', 'DELETED']);
});

test('a pod gets its service account, token volume, tolerations and priority', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const { spec } = await client.create(pods, pod('web'));
  const volume = spec.volumes?.[0]?.name ?? '';
  assert.match(volume, /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(
    [spec.serviceAccountName, spec.containers[0]?.volumeMounts, spec.tolerations?.length],
    [
      'default',
      [
        {
          name: volume,
          readOnly: true,
          mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
        },
      ],
      2,
    ],
  );
});

test('objects are made only in namespaces that exist and stay', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await assert.rejects(client.create(configMaps, configMap({ name: 'a', namespace: 'none' })), {
    code: 404,
    message: 'namespaces "none" not found',
  });
  const demo = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } };
  await client.create(namespaces, demo);
  await client.delete(namespaces, { name: 'demo' });
  assert.equal(client.get(namespaces, 'demo')?.status?.phase, 'Terminating');
  await assert.rejects(client.create(configMaps, configMap({ name: 'a', namespace: 'demo' })), {
    code: 403,
    message:
      'configmaps "a" is forbidden: unable to create new content in namespace demo because it is being terminated',
  });
  await client.update(
    namespaces,
    { ...demo, spec: { finalizers: [] } },
    { subresource: 'finalize' },
  );
  assert.equal(client.get(namespaces, 'demo'), undefined);
  await assert.rejects(client.delete(namespaces, { name: 'default' }), { code: 403 });
});

const WIDGETS = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  isNamespaced: true,
};

test('a CustomResourceDefinition serves its kind at once and takes its objects along', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const events: string[] = [];
  client.watch(WIDGETS, ({ type, object }) => events.push(`${type} ${object.metadata.name}`));
  const widget = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'default' },
  };
  await assert.rejects(client.create(WIDGETS, widget), isNotFound);
  await client.create(customResourceDefinitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  });
  await client.create(WIDGETS, widget);
  await client.delete(customResourceDefinitions, { name: 'widgets.example.com' });
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(events, ['ADDED w', 'DELETED w']);
  assert.equal(client.get(customResourceDefinitions, 'widgets.example.com'), undefined);
});

test('a cluster from a prepared state has the objects with an authority of its own; one from a snapshot is the same', async () => {
  await using api = (await startForTest()).api;
  await api.client('test').create(configMaps, configMap({ name: 'mine' }));
  await using other = (await startForTest({ prepared: api.prepare() })).api;
  await using again = (await startForTest({ snapshot: api.snapshot() })).api;
  const mine = api.client('test').get(configMaps, 'mine', 'default');
  const rootOf = (one: typeof api) =>
    one.client('test').get(configMaps, 'kube-root-ca.crt', 'default')?.data?.['ca.crt'];
  assert.equal(other.client('test').get(configMaps, 'mine', 'default'), mine);
  assert.notEqual(other.caCertificate, api.caCertificate);
  assert.equal(rootOf(other), other.caCertificate);
  assert.deepEqual(again.client('test').get(configMaps, 'mine', 'default'), mine);
  assert.equal(again.caCertificate, api.caCertificate);
  const stale = { ...mine, metadata: { ...mine?.metadata, resourceVersion: '1' } };
  await assert.rejects(
    again.client('test').update(configMaps, configMap(stale.metadata)),
    isConflict,
  );
});
