import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isObject, listAt, stringAt } from '../../kinds/json.ts';
import { managedGatewayPod, readInjectionSettings } from './index.ts';

const GATEWAY = {
  name: 'web-istio',
  namespace: 'shop',
  serviceAccount: 'web-istio',
  labels: {},
  annotations: {},
};

function containerOf(values: object, mesh: object, annotations = {}) {
  const settings = readInjectionSettings(values, 'istio-system', { mesh });
  const pod = managedGatewayPod(settings, { ...GATEWAY, annotations });
  const [container] = listAt(pod, 'containers').filter(isObject);
  assert.ok(container);
  return container;
}

test('the pod of a managed gateway runs Envoy as a router, told by its environment what every proxy is told', () => {
  const container = containerOf(
    { global: { multiCluster: { clusterName: 'east' }, network: 'lan', meshID: 'fleet' } },
    { trustDomain: 'shop.example', defaultConfig: { concurrency: 2 } },
  );
  const values = listAt(container, 'env')
    .filter(isObject)
    .filter((entry) => 'value' in entry)
    .map((entry) => `${stringAt(entry, 'name')}=${stringAt(entry, 'value')}`);
  assert.deepEqual(values, [
    'PILOT_CERT_PROVIDER=istiod',
    'CA_ADDR=istiod.istio-system.svc:15012',
    'PROXY_CONFIG={"concurrency":2}\n',
    'ISTIO_META_POD_PORTS=[]',
    'ISTIO_META_APP_CONTAINERS=',
    'ISTIO_META_CLUSTER_ID=east',
    'ISTIO_META_INTERCEPTION_MODE=REDIRECT',
    'ISTIO_META_NETWORK=lan',
    'ISTIO_META_WORKLOAD_NAME=web-istio',
    'ISTIO_META_OWNER=kubernetes://apis/apps/v1/namespaces/shop/deployments/web-istio',
    'ISTIO_META_MESH_ID=fleet',
    'TRUST_DOMAIN=shop.example',
  ]);
});

test('a managed gateway logs as its annotations say, else as the installation does', () => {
  const container = containerOf(
    { global: { proxy: { logLevel: 'info' }, logging: { level: 'all:error' } } },
    {},
    { 'sidecar.istio.io/componentLogLevel': 'rbac:debug' },
  );
  assert.deepEqual(container['args'], [
    'proxy',
    'router',
    '--domain',
    '$(POD_NAMESPACE).svc.cluster.local',
    '--proxyLogLevel',
    'info',
    '--proxyComponentLogLevel',
    'rbac:debug',
    '--log_output_level',
    'all:error',
  ]);
});
