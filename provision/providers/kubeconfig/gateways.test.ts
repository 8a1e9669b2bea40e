import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';

import type { V1Node, V1Service } from '@kubernetes/client-node';

import { gatewayAddresses, otherMachines, within } from './gateways.ts';
import { GATEWAY_ADDRESSES } from './limits.ts';

const NODES: readonly V1Node[] = [
  {
    status: {
      addresses: [
        { type: 'InternalIP', address: '172.18.0.2' },
        { type: 'Hostname', address: 'node' },
      ],
    },
  },
];

function service(name: string, more: Partial<V1Service>): V1Service {
  return {
    metadata: { name, namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
    spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080 }] },
    status: { loadBalancer: { ingress: [{ ip: '172.18.255.1' }] } },
    ...more,
  };
}

function addressesOf(services: readonly V1Service[], range = within(['172.18.0.0/16'])): string[] {
  return gatewayAddresses(services, NODES, range).map(({ ip, port }) => `${ip}:${port}`);
}

test('a gateway answers on its load balancer and on its node ports', () => {
  assert.deepEqual(gatewayAddresses([service('gateway', {})], NODES, within(['172.18.0.0/16'])), [
    {
      ip: '172.18.255.1',
      port: 80,
      service: { namespace: 'istio-system', name: 'gateway', port: 80 },
    },
    {
      ip: '172.18.0.2',
      port: 30_080,
      service: { namespace: 'istio-system', name: 'gateway', port: 80 },
    },
  ]);
});

test('what is no gateway, or speaks no TCP, is not passed on', () => {
  const labels = { 'gateway.networking.k8s.io/gateway-name': 'web' };
  assert.deepEqual(
    addressesOf([
      service('plain', { metadata: { name: 'plain', labels: { app: 'web' } } }),
      service('inside', { spec: { type: 'ClusterIP', ports: [{ port: 81 }] } }),
      service('udp', {
        spec: { type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30_053 }] },
      }),
      service('made', {
        metadata: { name: 'made', labels },
        spec: { type: 'NodePort', ports: [{ port: 82, nodePort: 30_082 }] },
        status: {},
      }),
    ]),
    ['172.18.0.2:30082'],
  );
});

test('a forged address leads neither to this machine nor to what only its neighbours reach', () => {
  const own = Object.values(networkInterfaces()).flatMap((list = []) =>
    list.map((one) => one.address),
  );
  const forged = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.169.254',
    '224.0.0.1',
    '::1',
    'x',
    ...own,
  ];
  const ingress = [...forged, '203.0.113.5'].map((ip) => ({ ip }));
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] };
  const gateway = service('forged', { spec, status: { loadBalancer: { ingress } } });
  assert.deepEqual(addressesOf([gateway], otherMachines()), ['203.0.113.5:80']);
  assert.deepEqual(addressesOf([gateway], within(['198.51.100.0/24'])), []);
});

test('a thousand ports of gateways do not become a thousand sockets', () => {
  const ports = Array.from({ length: 1_000 }, (_, n) => ({ port: n + 1 }));
  const many = service('many', { spec: { type: 'LoadBalancer', ports } });
  assert.equal(addressesOf([many]).length, GATEWAY_ADDRESSES);
});
