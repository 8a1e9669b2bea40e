import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../../../client/client.ts';
import { configurationOf, istio, listenerLines, routeLines, service } from '../../testbed/push.ts';
import type { ProxyConfiguration } from './proxy-configuration.ts';

const IP = '10.244.1.80';
const SELECTOR = { istio: 'ingressgateway' };

/** What a gateway of istio-system with ports 80→8080 and 443→8443 is told. */
function gatewayOf(objects: readonly NewObject[], mesh: object = {}): ProxyConfiguration {
  const [own, slice] = service(
    'istio-ingressgateway',
    { http2: 80, https: 443 },
    { namespace: 'istio-system', pods: [IP] },
  );
  const targets = [
    { name: 'http2', port: 8080 },
    { name: 'https', port: 8443 },
  ];
  return configurationOf(
    [...(own && slice ? [own, { ...slice, ports: targets }] : []), ...objects],
    { node: { type: 'router', ip: IP, namespace: 'istio-system', labels: SELECTOR }, mesh },
  );
}

const gateway = (name: string, servers: readonly object[], created = 0) =>
  istio('Gateway', name, { selector: SELECTOR, servers }, created);
const http = (hosts: readonly string[], tls?: object) => ({
  port: { number: 80, name: 'http', protocol: 'HTTP' },
  hosts,
  ...(tls && { tls }),
});
const secure = (name: string, hosts: readonly string[], tls: object, protocol = 'HTTPS') => ({
  port: { number: 443, name, protocol },
  hosts,
  tls,
});
const rules = (name: string, hosts: readonly string[], gateways: readonly string[], spec: object) =>
  istio('VirtualService', name, { hosts, gateways, ...spec });
const to = (host: string, number = 80) => ({ destination: { host, port: { number } } });

test('Servers that end TLS have a chain and routes each, told apart by SNI; plain ones of a port share theirs', () => {
  const configuration = gatewayOf([
    gateway('web', [
      http(['a.example'], { httpsRedirect: true }),
      http(['b.example']),
      secure('https-a', ['a.example'], { mode: 'SIMPLE', credentialName: 'a' }),
      secure('https-b', ['*.b.example'], { mode: 'MUTUAL', credentialName: 'b' }),
      secure('https-mesh', ['c.example'], { mode: 'ISTIO_MUTUAL' }),
    ]),
    rules('a', ['a.example'], ['web'], { http: [{ route: [to('a')] }] }),
    rules('b', ['b.example'], ['web'], { http: [{ route: [to('b')] }] }),
  ]);
  assert.deepEqual(listenerLines(configuration), [
    '0.0.0.0_8080 ALL → routes http.8080',
    '0.0.0.0_8443 SNI a.example TLS SIMPLE → routes https.443.https-a.web.default',
    '0.0.0.0_8443 SNI *.b.example TLS MUTUAL → routes https.443.https-b.web.default',
    '0.0.0.0_8443 SNI c.example mTLS → routes https.443.https-mesh.web.default',
  ]);
  assert.deepEqual(configuration.routeConfigurations().flatMap(routeLines), [
    'a.example:8080 [a.example] TLS /* → outbound|80||a.default.svc.cluster.local',
    'b.example:8080 [b.example] /* → outbound|80||b.default.svc.cluster.local',
    'a.example:8443 [a.example] /* → outbound|80||a.default.svc.cluster.local',
    'blackhole:8443 [*] nothing',
    'blackhole:8443 [*] nothing',
  ]);
});

test('TLS is passed through by SNI, TCP by port, and mutual TLS between networks by the name of its cluster', () => {
  const tcp = { port: { number: 31400, name: 'tcp', protocol: 'TCP' }, hosts: ['*'] };
  const cross = {
    port: { number: 15443, name: 'tls', protocol: 'TLS' },
    hosts: ['*.local'],
    tls: { mode: 'AUTO_PASSTHROUGH' },
  };
  const configuration = gatewayOf([
    ...service('echo', { tcp: 9000 }, { ip: '10.96.1.7' }),
    istio('DestinationRule', 'echo', {
      host: 'echo',
      subsets: [{ name: 'v1', labels: { version: 'v1' } }],
    }),
    gateway('bytes', [tcp, secure('tls', ['nginx.example'], { mode: 'PASSTHROUGH' }), cross]),
    rules('echo', ['*'], ['bytes'], {
      tcp: [
        {
          match: [{ port: 31400 }],
          route: [
            { ...to('echo', 9000), weight: 1 },
            { ...to('other', 9000), weight: 3 },
          ],
        },
      ],
    }),
    rules('nginx', ['nginx.example'], ['bytes'], {
      tls: [{ match: [{ port: 443, sniHosts: ['nginx.example'] }], route: [to('nginx', 443)] }],
    }),
    rules('stranger', ['other.example'], ['bytes'], {
      tls: [{ match: [{ sniHosts: ['other.example'] }], route: [to('other', 443)] }],
    }),
  ]);
  const lines = listenerLines(configuration).filter(
    (line) => !line.includes('istio-ingressgateway'),
  );
  const echo = 'echo.default.svc.cluster.local';
  assert.deepEqual(lines, [
    `0.0.0.0_31400 ALL → 1% outbound|9000||${echo}, 3% outbound|9000||other.default.svc.cluster.local`,
    '0.0.0.0_8443 SNI nginx.example → outbound|443||nginx.default.svc.cluster.local',
    `0.0.0.0_15443 SNI outbound_.9000_._.${echo} → outbound_.9000_._.${echo}`,
    `0.0.0.0_15443 SNI outbound_.9000_.v1_.${echo} → outbound_.9000_.v1_.${echo}`,
  ]);
  assert.ok(configuration.clusters().some(({ name }) => name === `outbound_.9000_.v1_.${echo}`));
});

test('Of Gateways that want one port for different things the oldest has it, and a host of TLS is taken once', () => {
  const tls = { mode: 'SIMPLE', credentialName: 'x' };
  const configuration = gatewayOf([
    gateway('late', [secure('https', ['a.example', 'b.example'], tls), http(['*'])], 2),
    gateway('early', [secure('https', ['a.example'], tls)], 1),
    gateway(
      'wrong',
      [{ ...http(['*']), port: { number: 443, name: 'http', protocol: 'HTTP' } }],
      3,
    ),
  ]);
  assert.deepEqual(listenerLines(configuration), [
    '0.0.0.0_8443 SNI a.example TLS SIMPLE → routes https.443.https.early.default',
    '0.0.0.0_8080 ALL → routes http.8080',
  ]);
});

test('A server takes hosts of the namespaces that it names, and listens at its own address', () => {
  const configuration = gatewayOf([
    gateway('web', [{ ...http(['shop/*', './own.example']), bind: '10.0.0.9' }]),
    rules('own', ['own.example'], ['web'], { http: [{ route: [to('own')] }] }),
    rules('refused', ['refused.example'], ['web'], { http: [{ route: [to('refused')] }] }),
    rules('shop/shop', ['shop.example'], ['default/web'], { http: [{ route: [to('shop')] }] }),
  ]);
  assert.deepEqual(listenerLines(configuration), ['10.0.0.9_8080 ALL → routes http.8080.10.0.0.9']);
  assert.deepEqual(routeLines(configuration.routeConfiguration('http.8080.10.0.0.9')), [
    'shop.example:8080 [shop.example] /* → outbound|80||shop.shop.svc.cluster.local',
    'own.example:8080 [own.example] /* → outbound|80||own.default.svc.cluster.local',
  ]);
});

test('Ingress objects of class istio become Gateways and VirtualServices with whole segments, longest path first', () => {
  const configuration = gatewayOf([
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: { name: 'istio' },
      spec: { controller: 'istio.io/ingress-controller' },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        ingressClassName: 'istio',
        tls: [{ hosts: ['httpbin.example.com'], secretName: 'web' }],
        rules: [
          {
            host: 'httpbin.example.com',
            http: {
              paths: ['/', '/status', '/status/200'].map((path) => ({
                path,
                pathType: path.endsWith('200') ? 'Exact' : 'Prefix',
                backend: { service: { name: 'httpbin', port: { number: 8000 } } },
              })),
            },
          },
        ],
      },
    },
  ]);
  const route =
    'https-443-ingress-web-default-0.web-istio-autogenerated-k8s-ingress-default.istio-system';
  assert.deepEqual(listenerLines(configuration), [
    `0.0.0.0_8443 SNI httpbin.example.com TLS SIMPLE → routes https.443.${route}`,
    '0.0.0.0_8080 ALL → routes http.8080',
  ]);
  const where = 'httpbin.example.com:8080 [httpbin.example.com]';
  const httpbin = 'outbound|8000||httpbin.default.svc.cluster.local';
  assert.deepEqual(routeLines(configuration.routeConfiguration('http.8080')), [
    `${where} /status/200 → ${httpbin}`,
    `${where} /status/* → ${httpbin}`,
    `${where} /* → ${httpbin}`,
  ]);
});

test('An EnvoyFilter puts a local rate limit before the router of the workloads that it selects, and settings into routes', () => {
  const settings = {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    value: { stat_prefix: 'x' },
  };
  const filter = (context: string) =>
    istio('EnvoyFilter', 'istio-system/limit', {
      workloadSelector: { labels: SELECTOR },
      configPatches: [
        {
          applyTo: 'HTTP_FILTER',
          match: {
            context,
            listener: {
              filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } },
            },
          },
          patch: {
            operation: 'INSERT_BEFORE',
            value: { name: 'envoy.filters.http.local_ratelimit', typed_config: settings },
          },
        },
        {
          applyTo: 'HTTP_ROUTE',
          match: {
            context,
            routeConfiguration: { vhost: { name: 'a.example:8080', route: { action: 'ANY' } } },
          },
          patch: {
            operation: 'MERGE',
            value: { typed_per_filter_config: { 'envoy.filters.http.local_ratelimit': settings } },
          },
        },
      ],
    });
  const objects = [
    gateway('web', [http(['*'])]),
    rules('a', ['a.example'], ['web'], { http: [{ route: [to('a')] }] }),
    rules('b', ['b.example'], ['web'], { http: [{ route: [to('b')] }] }),
  ];
  const limited = gatewayOf([...objects, filter('GATEWAY')]);
  const [chain] = limited.listeners[0]?.chains ?? [];
  assert.deepEqual(chain?.filter.filters, [{ type: 'local-rate-limit', settings }]);
  assert.deepEqual(
    limited
      .routeConfiguration('http.8080')
      .virtualHosts.map(({ routes }) => routes[0]?.filterConfig),
    [{ 'envoy.filters.http.local_ratelimit': settings }, undefined],
  );
  const [other] = gatewayOf([...objects, filter('SIDECAR_INBOUND')]).listeners[0]?.chains ?? [];
  assert.deepEqual(other?.filter.filters, []);
});
