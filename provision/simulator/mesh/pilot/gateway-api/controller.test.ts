import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../../../client/client.ts';
import { FakeClock } from '../../../fake-clock.ts';
import {
  customResourceDefinitions,
  deployments,
  serviceAccounts,
  services,
} from '../../../kinds/resources.ts';
import type { Condition } from '../../../kinds/types/core.ts';
import { readInjectionSettings } from '../../injection/index.ts';
import { Tables } from '../../testbed/tables.ts';
import { Discovery } from '../discovery.ts';
import { GatewayApiController } from './controller.ts';
import { gatewayClasses, httpRoutes, kubernetesGateways } from './kinds.ts';

const GROUP = 'gateway.networking.k8s.io';

/** istiod's controller beside objects that nobody else looks at. */
function startController() {
  const clock = new FakeClock();
  const client = new Tables();
  const discovery = new Discovery({
    client,
    clock,
    istioNamespace: 'istio-system',
    revision: 'default',
  });
  const log: string[] = [];
  const controller = new GatewayApiController({
    client,
    clock,
    discovery,
    settings: () => readInjectionSettings({}),
    log: (line) => void log.push(line),
  });
  const put = async (...objects: readonly NewObject[]) => {
    for (const object of objects) client.put(object);
    for (let turn = 0; turn < 10; turn++) await clock.advance(50);
  };
  const stop = () => {
    controller[Symbol.dispose]();
    discovery[Symbol.dispose]();
  };
  return { client, put, log, [Symbol.dispose]: stop };
}

const CRD: NewObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: customResourceDefinitions.kind,
  metadata: { name: `gatewayclasses.${GROUP}` },
};
const GATEWAY: NewObject = {
  apiVersion: `${GROUP}/v1`,
  kind: 'Gateway',
  metadata: { name: 'web', namespace: 'default', uid: 'web-uid' },
  spec: {
    gatewayClassName: 'istio',
    infrastructure: { labels: { team: 'shop' } },
    listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }],
  },
};
const ROUTE: NewObject = {
  apiVersion: `${GROUP}/v1`,
  kind: 'HTTPRoute',
  metadata: { name: 'web', namespace: 'default' },
  spec: { parentRefs: [{ name: 'web' }], rules: [] },
};

const texts = (conditions: readonly Condition[] = []) =>
  conditions.map(({ type, status, reason, message }) => `${type} ${status} ${reason}: ${message}`);

test('Classes appear once the definitions are there, whenever that is, and come back when deleted', async () => {
  using istiod = startController();
  await istiod.put();
  assert.deepEqual(istiod.client.list(gatewayClasses), []);
  await istiod.put(CRD);
  const classes = () =>
    istiod.client
      .list(gatewayClasses)
      .map(({ metadata, spec, status }) => [
        metadata.name,
        spec?.controllerName,
        ...texts(status?.conditions),
      ]);
  const wanted = [
    ['istio', 'istio.io/gateway-controller', 'Accepted True Accepted: Handled by Istio controller'],
    [
      'istio-remote',
      'istio.io/unmanaged-gateway',
      'Accepted True Accepted: Handled by Istio controller',
    ],
  ];
  assert.deepEqual(classes(), wanted);
  istiod.client.remove('GatewayClass', { name: 'istio' });
  await istiod.put();
  assert.deepEqual(classes().toReversed(), wanted);
  assert.deepEqual(istiod.log, []);
});

test('A Gateway of class istio gets a Deployment, a Service and a ServiceAccount, which are set right when somebody changes them', async () => {
  using istiod = startController();
  await istiod.put(CRD, GATEWAY, ROUTE);
  const { client } = istiod;
  const service = client.get(services, 'web-istio', 'default');
  const owner = { apiVersion: `${GROUP}/v1`, kind: 'Gateway', name: 'web', uid: 'web-uid' };
  assert.deepEqual(service?.metadata.ownerReferences, [owner]);
  assert.deepEqual(service?.metadata.labels, {
    team: 'shop',
    [`${GROUP}/gateway-name`]: 'web',
    [`${GROUP}/gateway-class-name`]: 'istio',
  });
  assert.deepEqual(service?.spec, {
    ipFamilyPolicy: 'PreferDualStack',
    ports: [
      { name: 'status-port', port: 15021, protocol: 'TCP', appProtocol: 'tcp' },
      { name: 'http', port: 80, protocol: 'TCP', appProtocol: 'http' },
    ],
    selector: { [`${GROUP}/gateway-name`]: 'web' },
    type: 'LoadBalancer',
  });
  const deployment = client.get(deployments, 'web-istio', 'default');
  assert.equal(deployment?.spec.template.spec.serviceAccountName, 'web-istio');
  assert.ok(client.get(serviceAccounts, 'web-istio', 'default'));
  if (service) await istiod.put({ ...service, spec: { ...service.spec, ports: [] } });
  assert.equal(client.get(services, 'web-istio', 'default')?.spec.ports?.length, 2);
  assert.deepEqual(istiod.log, []);
});

test('A Gateway without a pod says so, counts its routes, and keeps the time since when a condition holds', async () => {
  using istiod = startController();
  await istiod.put(CRD, GATEWAY, ROUTE);
  const status = () => istiod.client.get(kubernetesGateways, 'web', 'default')?.status;
  const host = 'web-istio.default.svc.cluster.local';
  assert.deepEqual(texts(status()?.conditions), [
    'Accepted True Accepted: Resource accepted',
    `Programmed False AddressNotAssigned: Failed to assign to any requested addresses: no instances found for hostname "${host}"`,
  ]);
  assert.deepEqual(
    status()?.listeners?.map(({ name, attachedRoutes, supportedKinds }) => [
      name,
      attachedRoutes,
      supportedKinds.map(({ kind }) => kind),
    ]),
    [['http', 1, ['HTTPRoute', 'GRPCRoute']]],
  );
  const before = status();
  await istiod.put({ ...ROUTE, metadata: { ...ROUTE.metadata, name: 'second' } });
  assert.equal(status()?.listeners?.[0]?.attachedRoutes, 2);
  assert.deepEqual(status()?.conditions, before?.conditions);
  const [parent] = istiod.client.get(httpRoutes, 'second', 'default')?.status?.parents ?? [];
  assert.deepEqual(
    [parent?.parentRef, parent?.controllerName, ...texts(parent?.conditions)],
    [
      { name: 'web' },
      'istio.io/gateway-controller',
      'Accepted True Accepted: Route was valid',
      'ResolvedRefs True ResolvedRefs: All references resolved',
    ],
  );
});
