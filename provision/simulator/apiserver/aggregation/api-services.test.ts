import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { listAt, stringAt, toKubeObject } from '../objects/json.ts';
import { ServedKinds } from '../served-kinds.ts';
import { Store } from '../store/store.ts';
import { showApiServices } from './api-services.ts';

const RESOURCE = 'apiregistration.k8s.io/apiservices';
const METRICS = 'v1beta1.metrics.k8s.io';

function object(apiVersion: string, kind: string, name: string, parts: JsonObject): KubeObject {
  const metadata = {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(kind !== 'APIService' && { namespace: 'kube-system' }),
    labels: { 'kubernetes.io/service-name': 'metrics-server' },
  };
  return toKubeObject({ apiVersion, kind, metadata, ...parts });
}

function apiService(group: string, version: string): KubeObject {
  const service = { name: 'metrics-server', namespace: 'kube-system' };
  const spec = { group, version, service };
  return object('apiregistration.k8s.io/v1', 'APIService', `${version}.${group}`, { spec });
}

const SERVICE = object('v1', 'Service', 'metrics-server', {
  spec: { clusterIP: '10.96.0.9', ports: [{ name: 'https', port: 443 }] },
});

function slice(ready: boolean): KubeObject {
  return object('discovery.k8s.io/v1', 'EndpointSlice', 'metrics-server-1', {
    endpoints: [{ addresses: ['10.244.1.2'], conditions: { ready } }],
    ports: [{ name: 'https', port: 10_250 }],
  });
}

function makeStore() {
  const store = new Store();
  const kinds = new ServedKinds(store, builtinKinds());
  showApiServices(store, kinds);
  const put = (resource: string, value: KubeObject) => store.put(resource, () => value);
  const verdict = (name: string) => {
    const [available] = listAt(store.get(RESOURCE, '', name), 'status', 'conditions');
    return `${stringAt(available, 'status') ?? ''} ${stringAt(available, 'reason') ?? ''}`;
  };
  return { store, kinds, put, verdict };
}

test('an APIService is Available when its Service has an endpoint that is ready, and says what is missing', () => {
  const { put, verdict } = makeStore();
  put(RESOURCE, apiService('metrics.k8s.io', 'v1beta1'));
  put(RESOURCE, apiService('away.example.com', 'v1'));
  const verdicts = [verdict(METRICS)];
  put('/services', SERVICE);
  verdicts.push(verdict(METRICS));
  put('discovery.k8s.io/endpointslices', slice(false));
  verdicts.push(verdict(METRICS));
  put('discovery.k8s.io/endpointslices', slice(true));
  verdicts.push(verdict(METRICS), verdict('v1.away.example.com'), verdict('v1.apps'));
  assert.deepEqual(verdicts, [
    'False ServiceNotFound',
    'False MissingEndpoints',
    'False MissingEndpoints',
    'True Passed',
    'False FailedDiscoveryCheck',
    'True Local',
  ]);
});

test('metrics.k8s.io is served while its APIService is there; each group version has one, but the aggregator its own', () => {
  const { store, kinds, put } = makeStore();
  const isServed = () => kinds.find('metrics.k8s.io', 'v1beta1', 'pods') !== undefined;
  const served = [isServed()];
  const service = put(RESOURCE, apiService('metrics.k8s.io', 'v1beta1'));
  served.push(isServed());
  const names = store.list(RESOURCE).items.map(({ metadata }) => metadata.name);
  store.remove(RESOURCE, service);
  served.push(isServed());
  assert.deepEqual(served, [false, true, false]);
  const versions = new Set(builtinKinds().map(({ group, version }) => `${version}.${group}`));
  versions.delete('v1.apiregistration.k8s.io');
  assert.deepEqual(names, [...versions, METRICS].toSorted());
});
