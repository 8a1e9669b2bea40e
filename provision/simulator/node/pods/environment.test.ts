import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClusterClient, Resource } from '../../client/client.ts';
import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import type { Container, Pod } from '../../kinds/types/core.ts';
import { ConfigError, resolveEnvironment } from './environment.ts';

const metadata = { namespace: 'default', uid: '1', resourceVersion: '1', creationTimestamp: '' };

const POD: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...metadata, name: 'web-1', labels: { app: 'web' } },
  spec: { restartPolicy: 'Always', containers: [], nodeName: 'node01' },
  status: {},
};

const OBJECTS: readonly KubeObject[] = [
  object('Service', 'my-db', {
    spec: { clusterIP: '10.96.0.7', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] },
  }),
  object('Service', 'headless', { spec: { clusterIP: 'None', ports: [{ port: 80 }] } }),
  object('ConfigMap', 'settings', { data: { color: 'blue' } }),
  object('Secret', 'keys', { data: { token: Buffer.from('s3cret').toString('base64') } }),
];

function object(kind: string, name: string, fields: object): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { ...metadata, name }, ...fields };
}

/** Reads only: what environments are made of. */
const client: Pick<ClusterClient, 'get' | 'list'> = {
  get: <T extends KubeObject>(resource: Resource<T>, name: string) =>
    OBJECTS.find((each): each is T => each.kind === resource.kind && each.metadata.name === name),
  list: <T extends KubeObject>(resource: Resource<T>) =>
    OBJECTS.filter((each): each is T => each.kind === resource.kind),
};

function resolve(container: Partial<Container>) {
  const sources = { client, pod: POD, podIp: '10.244.1.5', hostIp: '172.30.2.2' };
  return resolveEnvironment({ name: 'main', image: 'busybox', ...container }, sources);
}

test('An environment has variables for each Service that has an address', () => {
  assert.deepEqual(resolve({}), {
    MY_DB_SERVICE_HOST: '10.96.0.7',
    MY_DB_SERVICE_PORT: '5432',
    MY_DB_SERVICE_PORT_SQL: '5432',
    MY_DB_PORT: 'tcp://10.96.0.7:5432',
    MY_DB_PORT_5432_TCP: 'tcp://10.96.0.7:5432',
    MY_DB_PORT_5432_TCP_PROTO: 'tcp',
    MY_DB_PORT_5432_TCP_PORT: '5432',
    MY_DB_PORT_5432_TCP_ADDR: '10.96.0.7',
  });
});

test('An environment takes values, references, fields, resources, ConfigMaps and Secrets', () => {
  const env = resolve({
    resources: { limits: { cpu: '1500m', memory: '64Mi' } },
    envFrom: [{ prefix: 'CFG_', configMapRef: { name: 'settings' } }],
    env: [
      { name: 'PLAIN', value: 'a' },
      { name: 'REF', value: '$(PLAIN)-$(LATER)-$$(PLAIN)' },
      { name: 'LATER', value: 'b' },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      {
        name: 'MIB',
        valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } },
      },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      { name: 'NONE', valueFrom: { secretKeyRef: { name: 'gone', key: 'x', optional: true } } },
    ],
  });
  const shown = Object.entries(env).filter(([name]) => !name.startsWith('MY_DB'));
  assert.deepEqual(Object.fromEntries(shown), {
    CFG_color: 'blue',
    PLAIN: 'a',
    REF: 'a-$(LATER)-$(PLAIN)',
    LATER: 'b',
    IP: '10.244.1.5',
    APP: 'web',
    CPUS: '2',
    MIB: '64',
    TOKEN: 's3cret',
  });
});

function resolvesFrom(valueFrom: JsonObject) {
  return () => resolve({ env: [{ name: 'X', valueFrom }] });
}

test('An environment that names what is not there says what in the words of the kubelet', () => {
  assert.throws(
    resolvesFrom({ secretKeyRef: { name: 'gone', key: 'x' } }),
    new ConfigError('secret "gone" not found'),
  );
  assert.throws(
    resolvesFrom({ configMapKeyRef: { name: 'settings', key: 'size' } }),
    new ConfigError("couldn't find key size in ConfigMap default/settings"),
  );
});
