import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';

import type { ClusterClient, Resource } from '../client/client.ts';
import { systemClock } from '../clock.ts';
import type { KubeObject } from '../kinds/object.ts';
import { serveEdge } from './edge.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from './http.ts';
import { VirtualNetwork } from './virtual-network.ts';

/** A cluster that holds some objects and never changes. */
function stillCluster(objects: readonly KubeObject[]): ClusterClient {
  return {
    get: () => undefined,
    list: () => [],
    watch(resource, listener) {
      for (const object of objects) {
        if (isOf(resource, object)) listener({ type: 'ADDED', object });
      }
      return { [Symbol.dispose]: () => undefined };
    },
    create: readOnly,
    update: readOnly,
    patch: readOnly,
    delete: readOnly,
  };
}

function readOnly(): Promise<never> {
  return Promise.reject(new Error('This cluster never changes'));
}

/** The test's own objects are what their kind says. */
function isOf<T extends KubeObject>(resource: Resource<T>, object: KubeObject): object is T {
  return object.kind === resource.kind;
}

function meta(name: string, labels = {}) {
  return {
    name,
    namespace: 'default',
    labels,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '',
  };
}

const REVIEWS = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta('reviews'),
  spec: {
    type: 'NodePort',
    clusterIP: '10.96.0.50',
    ports: [{ name: 'http', port: 80, targetPort: 9080, nodePort: 30080 }],
  },
};
const SLICE = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: meta('reviews-1', { 'kubernetes.io/service-name': 'reviews' }),
  endpoints: [
    { addresses: ['10.244.1.5'], conditions: { ready: true } },
    { addresses: ['10.244.1.6'], conditions: { ready: true } },
    { addresses: ['10.244.1.7'], conditions: { ready: false } },
  ],
  ports: [{ name: 'http', port: 9080 }],
};
const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: meta('node01'),
  status: { addresses: [{ type: 'InternalIP', address: '172.30.2.2' }] },
};

function answering(text: string) {
  return {
    type: 'http' as const,
    handle: async (): Promise<HttpResponse> => ({
      status: 200,
      headers: new HttpHeaders(),
      body: Buffer.from(text),
    }),
  };
}

function get(path = '/'): HttpRequest {
  return {
    method: 'GET',
    path,
    authority: 'reviews',
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  };
}

function makeNetwork(random: () => number) {
  const network = new VirtualNetwork({
    client: stillCluster([REVIEWS, SLICE, NODE]),
    clock: systemClock,
    random,
  });
  for (const last of [5, 6, 7]) {
    const pod = network.attach({
      ip: `10.244.1.${last}`,
      namespace: 'default',
      podName: `reviews-${last}`,
    });
    pod.listen(9080, answering(`from ${last}`));
  }
  const client = network.attach({ ip: '10.244.1.20', namespace: 'default', podName: 'client' });
  return { network, client };
}

const text = async (response: Promise<HttpResponse>) =>
  Buffer.from((await response).body).toString();

test('VirtualNetwork finds a Service by its short, qualified and full name, and by its addresses', async () => {
  const { client } = makeNetwork(() => 0);
  const names = [
    'reviews',
    'reviews.default',
    'reviews.default.svc',
    'reviews.default.svc.cluster.local',
  ];
  assert.deepEqual(
    names.map((name) => client.resolve(name)),
    names.map(() => ['10.96.0.50']),
  );
  assert.equal(await text(client.request({ host: 'reviews', port: 80 }, get())), 'from 5');
  assert.equal(await text(client.request({ host: '172.30.2.2', port: 30_080 }, get())), 'from 5');
  assert.equal(await text(client.request({ host: '10.244.1.6', port: 9080 }, get())), 'from 6');
});

test('VirtualNetwork spreads over ready endpoints alone', async () => {
  const draws = [0, 0.49, 0.5, 0.99];
  const { client } = makeNetwork(() => draws.shift() ?? 0);
  const seen = [];
  for (let index = 0; index < 4; index++)
    seen.push(await text(client.request({ host: 'reviews', port: 80 }, get())));
  assert.deepEqual(seen, ['from 5', 'from 5', 'from 6', 'from 6']);
});

test('VirtualNetwork refuses what does not exist, in the words of the socket API', async () => {
  const { client } = makeNetwork(() => 0);
  const code = async (host: string, port: number) =>
    client.request({ host, port }, get()).then(
      () => 'answered',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
  assert.deepEqual(
    [await code('nowhere', 80), await code('reviews', 81), await code('10.244.1.99', 80)],
    ['ENOTFOUND', 'ECONNREFUSED', 'ECONNREFUSED'],
  );
});

test('connect() speaks HTTP/1.1 to an HTTP listener', async () => {
  const { client } = makeNetwork(() => 0);
  const connection = await client.connect({ host: 'reviews', port: 80 });
  connection.end('GET / HTTP/1.1\r\nHost: reviews\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of connection) answer += String(chunk);
  assert.equal(answer, 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\nConnection: close\r\n\r\nfrom 5');
});

test('serveEdge() lets a real socket in, and resets it where nothing listens', async () => {
  const { network } = makeNetwork(() => 0);
  const open = createServer().listen(0, '127.0.0.1');
  const shut = createServer().listen(0, '127.0.0.1');
  await Promise.all([once(open, 'listening'), once(shut, 'listening')]);
  serveEdge(network, { ip: '10.96.0.50', port: 80 }, open);
  serveEdge(network, { ip: '10.96.0.50', port: 81 }, shut);
  try {
    const [answer] = await once(http.get({ port: portOf(open), agent: false }), 'response');
    let body = '';
    for await (const chunk of answer) body += String(chunk);
    assert.equal(body, 'from 5');
    const failure = await new Promise((resolve) => {
      http.get(`http://127.0.0.1:${portOf(shut)}/`).on('error', resolve);
    });
    assert.ok(failure instanceof Error && 'code' in failure);
    assert.equal(failure.code, 'ECONNRESET');
  } finally {
    open.close();
    shut.close();
  }
});

test('openAddresses() names what answers from outside', () => {
  const { network } = makeNetwork(() => 0);
  assert.deepEqual(network.openAddresses(), ['10.96.0.50:80', '172.30.2.2:30080']);
});

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
