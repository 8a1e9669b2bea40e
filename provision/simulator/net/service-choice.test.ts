import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../fake-clock.ts';
import type { JsonObject, KubeObject } from '../kinds/object.ts';
import { FakeClusterClient, meta, objectOf } from './fake-cluster-client.ts';
import { ServiceChoice } from './service-choice.ts';
import { ServiceTable } from './service-table.ts';

interface Endpoint extends JsonObject {
  readonly addresses: readonly string[];
}

const LOCAL: Endpoint = {
  addresses: ['10.244.1.5'],
  nodeName: 'node01',
  conditions: { ready: true },
};

/** Where connections to addresses of Service `web` end up, by `ip:port` and the caller's address. */
function choices(spec: JsonObject, endpoints: readonly Endpoint[]) {
  const objects: readonly KubeObject[] = [
    objectOf(['v1', 'Service'], meta('web'), serviceParts(spec)),
    objectOf(
      ['discovery.k8s.io/v1', 'EndpointSlice'],
      meta('web-1', { 'kubernetes.io/service-name': 'web' }),
      { endpoints, ports: [{ name: '', port: 8080 }] },
    ),
    node('controlplane', '172.30.1.2'),
    node('node01', '172.30.2.2'),
  ];
  const table = new ServiceTable(new FakeClusterClient(objects), () => undefined);
  const clock = new FakeClock();
  const draws = [0, 0.99];
  const choice = new ServiceChoice({ clock, random: () => draws.shift() ?? 0 });
  const choose = (address: string, from = '10.244.9.9', nodeName = 'controlplane') => {
    const [ip = '', port] = address.split(':');
    const route = table.route({ ip, port: Number(port) });
    if (!route) return 'no route';
    const caller = { ip: from, nodeName: () => nodeName };
    const found = choice.choose(route, { ip, port: Number(port) }, caller);
    return found.type === 'endpoint' ? `${found.endpoint.ip}:${found.endpoint.port}` : found.type;
  };
  return { choose, clock };
}

function serviceParts(spec: JsonObject) {
  const ports = [{ port: 80, nodePort: 30_080, protocol: 'TCP' }];
  const status = { loadBalancer: { ingress: [{ ip: '172.30.255.1' }] } };
  return {
    spec: { clusterIP: '10.96.0.50', externalIPs: ['198.51.100.7'], ports, ...spec },
    status,
  };
}

function node(name: string, address: string): KubeObject {
  const status = { addresses: [{ type: 'InternalIP', address }] };
  return objectOf(['v1', 'Node'], { ...meta(name), namespace: '' }, { status });
}

test('a Service is reached at its cluster IP, external IP, load balancer and every node', () => {
  const { choose } = choices({}, [LOCAL]);
  const addresses = [
    '10.96.0.50:80',
    '198.51.100.7:80',
    '172.30.255.1:80',
    '172.30.1.2:30080',
    '172.30.2.2:30080',
  ];
  assert.deepEqual(
    addresses.map((address) => choose(address)),
    addresses.map(() => '10.244.1.5:8080'),
  );
  assert.equal(choose('10.96.0.50:81'), 'no route');
});

test('traffic policies Local keep traffic on its node, and drop what has no endpoint there', () => {
  const inside = choices({ internalTrafficPolicy: 'Local' }, [LOCAL]);
  assert.equal(inside.choose('10.96.0.50:80', '10.244.1.9', 'node01'), '10.244.1.5:8080');
  assert.equal(inside.choose('10.96.0.50:80', '10.244.0.9', 'controlplane'), 'dropped');
  const outside = choices({ externalTrafficPolicy: 'Local' }, [LOCAL]);
  assert.equal(outside.choose('172.30.2.2:30080'), '10.244.1.5:8080');
  assert.equal(outside.choose('172.30.1.2:30080'), 'dropped');
  assert.equal(outside.choose('172.30.255.1:80'), '10.244.1.5:8080');
});

test('loadBalancerSourceRanges let in only who is in them, at the load balancer alone', () => {
  const { choose } = choices({ loadBalancerSourceRanges: ['192.0.2.0/24'] }, [LOCAL]);
  assert.equal(choose('172.30.255.1:80', '192.0.2.7'), '10.244.1.5:8080');
  assert.equal(choose('172.30.255.1:80', '203.0.113.7'), 'dropped');
  assert.equal(choose('10.96.0.50:80', '203.0.113.7'), '10.244.1.5:8080');
});

test('a Service without an endpoint that is ready uses those that serve while they end, else refuses', () => {
  const ending = {
    addresses: ['10.244.1.6'],
    conditions: { ready: false, serving: true, terminating: true },
  };
  const starting = {
    addresses: ['10.244.1.7'],
    conditions: { ready: false, serving: false, terminating: false },
  };
  assert.equal(choices({}, [LOCAL, ending]).choose('10.96.0.50:80'), '10.244.1.5:8080');
  assert.equal(choices({}, [ending, starting]).choose('10.96.0.50:80'), '10.244.1.6:8080');
  assert.equal(choices({}, [starting]).choose('10.96.0.50:80'), 'refused');
  const published = choices({ publishNotReadyAddresses: true }, [starting]);
  assert.equal(published.choose('10.96.0.50:80'), '10.244.1.7:8080');
});

test('session affinity keeps a client at its endpoint until its time is up', async () => {
  const sessionAffinityConfig = { clientIP: { timeoutSeconds: 60 } };
  const spec = { sessionAffinity: 'ClientIP', sessionAffinityConfig };
  const { choose, clock } = choices(spec, [
    LOCAL,
    { addresses: ['10.244.1.6'], conditions: { ready: true } },
  ]);
  assert.equal(choose('10.96.0.50:80'), '10.244.1.5:8080');
  await clock.advance(59_000);
  assert.equal(choose('10.96.0.50:80'), '10.244.1.5:8080');
  await clock.advance(61_000);
  assert.equal(choose('10.96.0.50:80'), '10.244.1.6:8080');
});
