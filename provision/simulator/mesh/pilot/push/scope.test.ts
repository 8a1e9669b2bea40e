import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationOf, istio, routeLines, service } from '../../testbed/push.ts';

test('A Sidecar limits what is known to its egress hosts, and what their VirtualServices lead to', () => {
  const objects = [
    ...service('web', { http: 80 }),
    ...service('shop', { http: 80 }, { namespace: 'shop', ip: '10.96.1.2' }),
    ...service('bank', { http: 80 }, { namespace: 'bank', ip: '10.96.1.3' }),
    istio('VirtualService', 'web', {
      hosts: ['web'],
      http: [{ route: [{ destination: { host: 'bank.bank.svc.cluster.local' } }] }],
    }),
    istio('Sidecar', 'istio-system/default', { egress: [{ hosts: ['./*'] }] }),
  ];
  const hosts = (more: readonly Parameters<typeof configurationOf>[0][number][]) =>
    configurationOf([...objects, ...more]).scope.services.map(({ name }) => name);
  assert.deepEqual(hosts([]), ['bank', 'web']);
  const own = istio('Sidecar', 'own', {
    workloadSelector: { labels: { app: 'client' } },
    egress: [{ hosts: ['shop/*', 'bank/nothing.example'] }],
  });
  assert.deepEqual(hosts([own]), ['shop']);
  const byPort = istio('Sidecar', 'ports', {
    egress: [
      { port: { number: 80, protocol: 'HTTP', name: 'http' }, hosts: ['bank/*'] },
      { hosts: ['*/web.default.svc.cluster.local'] },
    ],
  });
  const configuration = configurationOf([...objects, byPort]);
  assert.deepEqual(
    configuration.routeConfiguration('80').virtualHosts.map(({ name }) => name),
    ['bank.bank.svc.cluster.local:80', 'allow_any'],
  );
});

test("A Sidecar's ingress says what ports the pod has, and where the application listens", () => {
  const configuration = configurationOf([
    ...service('web', { http: 80 }, { pods: ['10.244.1.9'] }),
    istio('Sidecar', 'own', {
      workloadSelector: { labels: { app: 'client' } },
      ingress: [
        {
          port: { number: 9080, protocol: 'HTTP', name: 'http' },
          defaultEndpoint: '127.0.0.1:8080',
        },
      ],
      inboundConnectionPool: { http: { http1MaxPendingRequests: 1 } },
    }),
  ]);
  const { type, endpoints, policy } = configuration.cluster('inbound|9080||') ?? {};
  assert.deepEqual(
    [type, endpoints?.map(({ ip, port }) => `${ip}:${port}`), policy],
    ['STATIC', ['127.0.0.1:8080'], { connectionPool: { http: { http1MaxPendingRequests: 1 } } }],
  );
  assert.equal(configuration.inboundPort(80), undefined);
});

test('Delegates are merged into their roots, without what contradicts the root', () => {
  const configuration = configurationOf([
    ...service('web', { http: 80 }),
    istio('VirtualService', 'root', {
      hosts: ['web'],
      http: [
        { match: [{ uri: { prefix: '/shop' } }], delegate: { name: 'shop', namespace: 'shop' } },
        { route: [{ destination: { host: 'web' } }] },
      ],
    }),
    istio('VirtualService', 'shop/shop', {
      http: [
        { match: [{ uri: { exact: '/shop/cart' } }], route: [{ destination: { host: 'cart' } }] },
        { match: [{ uri: { prefix: '/other' } }], route: [{ destination: { host: 'other' } }] },
        { route: [{ destination: { host: 'front' } }] },
      ],
    }),
  ]);
  const web = 'web.default.svc.cluster.local';
  assert.deepEqual(
    routeLines(configuration.routeConfiguration('80')).map((line) => line.replace(/^.*\] /, '')),
    [
      '/shop/cart → outbound|80||cart.shop.svc.cluster.local',
      '/shop* → outbound|80||front.shop.svc.cluster.local',
      `/* → outbound|80||${web}`,
      '/* → PassthroughCluster',
    ],
  );
});

const namespaceOf = (name: string, labels = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

const hostsSeen = (mesh: object) =>
  configurationOf(
    [
      namespaceOf('default', { mesh: 'on' }),
      namespaceOf('far', { mesh: 'on' }),
      namespaceOf('out'),
      ...service('own', { http: 80 }),
      ...service(
        'private',
        { http: 80 },
        { namespace: 'far', annotations: { 'networking.istio.io/exportTo': '.' } },
      ),
      ...service(
        'public',
        { http: 80 },
        { namespace: 'far', annotations: { 'networking.istio.io/exportTo': '*' } },
      ),
      ...service('plain', { http: 80 }, { namespace: 'far' }),
      ...service('outside', { http: 80 }, { namespace: 'out' }),
    ],
    { mesh },
  ).scope.services.map(({ name }) => name);

test('exportTo, revisions and discoverySelectors say who sees what; the mesh has defaults', () => {
  assert.deepEqual(hostsSeen({}), ['outside', 'own', 'plain', 'public']);
  assert.deepEqual(hostsSeen({ defaultServiceExportTo: ['.'] }), ['own', 'public']);
  assert.deepEqual(hostsSeen({ discoverySelectors: [{ matchLabels: { mesh: 'on' } }] }), [
    'own',
    'plain',
    'public',
  ]);
  const canary = istio('VirtualService', 'own', {
    hosts: ['own'],
    http: [{ directResponse: { status: 418 } }],
  });
  const labelled = {
    ...canary,
    metadata: { ...canary.metadata, labels: { 'istio.io/rev': 'canary' } },
  };
  const routes = configurationOf([...service('own', { http: 80 }), labelled]).routeConfiguration(
    '80',
  );
  assert.equal(routes.virtualHosts[0]?.routes[0]?.name, 'default');
});

const rule = (name: string, host: string, more: object) =>
  istio('DestinationRule', name, { host, ...more });

const policy = (simple: string) => ({ trafficPolicy: { loadBalancer: { simple } } });

test('DestinationRules are found by namespace and host, and one that selects a workload is for it alone', () => {
  const objects = [
    ...service('web', { http: 80 }),
    rule('istio-system/all', '*.local', policy('RANDOM')),
    rule('web', 'web', policy('ROUND_ROBIN')),
    rule('mine', 'web', {
      ...policy('LEAST_REQUEST'),
      workloadSelector: { matchLabels: { app: 'client' } },
    }),
  ];
  const name = 'outbound|80||web.default.svc.cluster.local';
  const ruleOf = (labels: Record<string, string>, namespace = 'default') =>
    configurationOf(objects, { node: { labels, namespace } }).cluster(name)?.rule;
  assert.deepEqual(
    [ruleOf({ app: 'client' }), ruleOf({ app: 'other' }), ruleOf({}, 'elsewhere')],
    ['mine.default', 'web.default', 'web.default'],
  );
});

test('Requests go on in HTTP/2 where the port says so, or a rule or the mesh upgrades them', () => {
  const objects = [
    ...service('web', { http: 80, http2: 81, tcp: 82 }),
    ...service('shop', { http: 80 }, { ip: '10.96.1.2' }),
    istio('DestinationRule', 'shop', {
      host: 'shop',
      trafficPolicy: { connectionPool: { http: { h2UpgradePolicy: 'DO_NOT_UPGRADE' } } },
    }),
  ];
  const upgraded = (mesh: object) => {
    const configuration = configurationOf(objects, { mesh });
    return configuration
      .clusters()
      .filter(({ isHttp2 }) => isHttp2)
      .map(({ name }) => name);
  };
  const [one, other] = [80, 81].map((port) => `outbound|${port}||web.default.svc.cluster.local`);
  assert.deepEqual(upgraded({}), [other]);
  assert.deepEqual(upgraded({ h2UpgradePolicy: 'UPGRADE' }), [one, other]);
});
