import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClusterClient, NewObject } from '../../client/client.ts';
import { configMaps, pods, resourceQuotas, services } from '../../kinds/resources.ts';
import { startForTest } from '../fake-surroundings.ts';

/** A quota as its controller leaves it: counted. */
async function withQuota(client: ClusterClient, spec: object, used: object): Promise<void> {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec,
  };
  await client.create(resourceQuotas, quota);
  const hard = 'hard' in spec ? spec.hard : {};
  await client.update(
    resourceQuotas,
    { ...quota, status: { hard, used } },
    { subresource: 'status' },
  );
}

function usedIn(client: ClusterClient): unknown {
  return client.get(resourceQuotas, 'q', 'default')?.status?.used;
}

function configMap(name: string): NewObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
}

function pod(name: string, more: object = {}): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'nginx', ...more }] },
  };
}

test('a quota is never exceeded, however many requests come at the same time', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await withQuota(client, { hard: { configmaps: '3' } }, { configmaps: '1' });
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'd', 'e'].map((name) => client.create(configMaps, configMap(name))),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'],
  );
  assert.deepEqual(usedIn(client), { configmaps: '3' });
  await assert.rejects(client.create(configMaps, configMap('f')), {
    code: 403,
    reason: 'Forbidden',
    message:
      'configmaps "f" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=3, limited: configmaps=3',
  });
});

test('a request that fails for another reason is not charged', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await client.create(configMaps, configMap('a'));
  await withQuota(client, { hard: { configmaps: '3' } }, { configmaps: '2' });
  await assert.rejects(client.create(configMaps, configMap('a')), { reason: 'AlreadyExists' });
  assert.deepEqual(usedIn(client), { configmaps: '2' });
});

function service(type: string, ports: readonly number[]): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type, ports: ports.map((port) => ({ name: `p${port}`, port })) },
  };
}

test('a Service that is changed to use node ports is charged for the difference', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await client.create(services, service('ClusterIP', [80, 81]));
  const hard = { services: '1', 'services.nodeports': '2' };
  await withQuota(client, { hard }, { services: '1', 'services.nodeports': '0' });
  await client.update(services, service('NodePort', [80, 81]));
  assert.deepEqual(usedIn(client), { services: '1', 'services.nodeports': '2' });
  await assert.rejects(client.update(services, service('NodePort', [80, 81, 82])), {
    message:
      'services "web" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=2, limited: services.nodeports=2',
  });
});

test('a quota compels containers to state what it limits, and with scopes concerns some pods only', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const hard = { 'requests.cpu': '1', 'limits.memory': '1Gi' };
  const scopeSelector = {
    matchExpressions: [{ scopeName: 'NotTerminating', operator: 'Exists' }],
  };
  await withQuota(client, { hard, scopeSelector }, { 'requests.cpu': '0', 'limits.memory': '0' });
  await assert.rejects(client.create(pods, pod('a', { resources: { requests: { cpu: '1' } } })), {
    message: 'pods "a" is forbidden: failed quota: q: must specify limits.memory for: c',
  });
  const short = pod('short');
  await client.create(pods, {
    ...short,
    spec: { activeDeadlineSeconds: 60, containers: [{ name: 'c', image: 'nginx' }] },
  });
  const resources = { requests: { cpu: '400m' }, limits: { memory: '512Mi' } };
  await client.create(pods, pod('b', { resources }));
  assert.deepEqual(usedIn(client), { 'requests.cpu': '400m', 'limits.memory': '512Mi' });
});
