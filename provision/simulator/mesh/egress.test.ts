import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../fake-clock.ts';
import type { Container } from '../kinds/types/core.ts';
import { HttpHeaders } from '../net/http.ts';
import type { Outside } from '../net/outside.ts';
import { idle } from '../programs/idle.ts';
import type { Program } from '../programs/program.ts';
import { meshPrograms } from './index.ts';
import { SIDECAR, startControlPlane } from './testbed/mesh.ts';
import { istio } from './testbed/push.ts';
import { Testbed } from './testbed/testbed.ts';

const START_MS = 2_000;
const CHANGE_MS = 200;
const SITES: Readonly<Record<string, string>> = {
  'edition.cnn.com': '203.0.113.1',
  'httpbin.org': '203.0.113.2',
};

/** Sites beyond the cluster, which say their name. */
const outside: Outside = {
  addresses: (name) => (SITES[name] === undefined ? [] : [SITES[name]]),
  listenerAt: ({ ip, port }) =>
    port === 80 && Object.values(SITES).includes(ip)
      ? {
          type: 'http',
          handle: async ({ authority }) => ({
            status: 200,
            headers: new HttpHeaders(),
            body: Buffer.from(authority),
          }),
        }
      : undefined,
};

/** A program that does nothing, for requests to come from its pod. */
const client: Program = { matches: (image) => image === 'client', start: () => idle() };

const to = (host: string) => [{ destination: { host, port: { number: 80 } } }];

/** A client with a sidecar and an egress gateway (https://istio.io/latest/docs/tasks/traffic-management/egress/). */
async function startEgressMesh(mesh = 'accessLogFile: /dev/stdout', env: Container['env'] = []) {
  const clock = new FakeClock();
  const testbed = new Testbed({
    programs: [...meshPrograms, client],
    clock,
    random: () => 0,
    outside,
  });
  testbed.tables.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh },
  });
  startControlPlane(testbed);
  const labels = { istio: 'egressgateway' };
  testbed.addService({
    name: 'istio-egressgateway',
    namespace: 'istio-system',
    clusterIp: '10.96.0.81',
    selector: labels,
    ports: [{ name: 'http2', port: 80, targetPort: 8080 }],
  });
  testbed.startPod({
    name: 'egress',
    namespace: 'istio-system',
    labels,
    containers: [{ ...SIDECAR, args: ['proxy', 'router'] }],
  });
  const place = testbed.startPod({
    name: 'client',
    labels: { app: 'client', 'security.istio.io/tlsMode': 'istio' },
    containers: [
      { ...SIDECAR, env },
      { name: 'client', image: 'client' },
    ],
  });
  await clock.advance(START_MS);
  return {
    testbed,
    put: async (...objects: readonly Parameters<typeof testbed.tables.put>[0][]) => {
      for (const object of objects) testbed.tables.put(object);
      await clock.advance(CHANGE_MS);
    },
    /** Status and body. */
    get: async (host: string) => {
      const { status, body } = await testbed.get(place, `http://${host}/`);
      return `${status} ${Buffer.from(body).toString()}`;
    },
    /** Clusters in the access log of a proxy, in order. */
    clusters: (pod: string) =>
      (testbed.logs.get(`${pod}/istio-proxy`) ?? []).flatMap(
        (line) => /(outbound\|\S+|PassthroughCluster|BlackHoleCluster)/.exec(line)?.[1] ?? [],
      ),
  };
}

const CNN = istio('ServiceEntry', 'cnn', {
  hosts: ['edition.cnn.com'],
  ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
  resolution: 'DNS',
});

test('Hosts outside are reached as they are, and by the name of their ServiceEntry where there is one', async () => {
  const open = await startEgressMesh();
  using _ = open.testbed;
  assert.equal(await open.get('httpbin.org'), '200 httpbin.org');
  await open.put(CNN);
  assert.equal(await open.get('edition.cnn.com'), '200 edition.cnn.com');
  assert.deepEqual(open.clusters('client'), ['PassthroughCluster', 'outbound|80||edition.cnn.com']);
});

test('With REGISTRY_ONLY a host that no ServiceEntry names answers 502', async () => {
  const strict = await startEgressMesh('outboundTrafficPolicy: { mode: REGISTRY_ONLY }');
  using _ = strict.testbed;
  await strict.put(CNN);
  assert.deepEqual(
    [await strict.get('edition.cnn.com'), await strict.get('httpbin.org')],
    ['200 edition.cnn.com', '502 '],
  );
});

test('A VirtualService on mesh and egress gateway takes requests out through the gateway', async () => {
  const mesh = await startEgressMesh();
  using _ = mesh.testbed;
  const through = 'istio-egressgateway.istio-system.svc.cluster.local';
  await mesh.put(
    CNN,
    istio('Gateway', 'egress', {
      selector: { istio: 'egressgateway' },
      servers: [
        { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['edition.cnn.com'] },
      ],
    }),
    istio('VirtualService', 'cnn', {
      hosts: ['edition.cnn.com'],
      gateways: ['egress', 'mesh'],
      http: [
        { match: [{ gateways: ['mesh'], port: 80 }], route: to(through) },
        { match: [{ gateways: ['egress'], port: 80 }], route: to('edition.cnn.com') },
      ],
    }),
  );
  assert.equal(await mesh.get('edition.cnn.com'), '200 edition.cnn.com');
  assert.deepEqual(mesh.clusters('client'), [`outbound|80||${through}`]);
  assert.deepEqual(mesh.clusters('egress'), ['outbound|80||edition.cnn.com']);
});

test('A ServiceEntry for a wildcard with DYNAMIC_DNS looks each name up; one that nobody knows is not reached', async () => {
  const mesh = await startEgressMesh('outboundTrafficPolicy: { mode: REGISTRY_ONLY }');
  using _ = mesh.testbed;
  await mesh.put(
    istio('ServiceEntry', 'all', {
      hosts: ['*.org'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'DYNAMIC_DNS',
    }),
  );
  assert.deepEqual(
    [await mesh.get('httpbin.org'), await mesh.get('edition.cnn.com')],
    ['200 httpbin.org', '502 '],
  );
});

test('A proxy that captures DNS gives its pod the allotted address of a host that no name server knows', async () => {
  const mesh = await startEgressMesh('accessLogFile: /dev/stdout', [
    { name: 'ISTIO_META_DNS_CAPTURE', value: 'true' },
  ]);
  using _ = mesh.testbed;
  await mesh.put(
    istio('ServiceEntry', 'made-up', {
      hosts: ['made-up.example'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: [{ address: '203.0.113.2' }],
    }),
  );
  assert.equal(await mesh.get('made-up.example'), '200 made-up.example');
  assert.deepEqual(mesh.clusters('client'), ['outbound|80||made-up.example']);
});
