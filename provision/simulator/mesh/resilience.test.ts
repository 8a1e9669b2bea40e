import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../client/client.ts';
import { HttpHeaders, type HttpRequest, type HttpResponse } from '../net/http.ts';
import { routesFor } from './testbed/mesh.ts';
import { httpServer, meshService, startSmallMesh } from './testbed/small-mesh.ts';

/** Answers when told to. */
function slowServer() {
  const waiting: (() => void)[] = [];
  const seen: HttpRequest[] = [];
  const server = httpServer('web', (request) => {
    seen.push(request);
    return new Promise((resolve) => {
      waiting.push(() => resolve(answer(200, 'late')));
    });
  });
  return { server, seen, answerAll: () => waiting.splice(0).forEach((go) => go()) };
}

function answer(status: number, body: string): HttpResponse {
  return { status, headers: new HttpHeaders(), body: Buffer.from(body) };
}

function policy(trafficPolicy: object): NewObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'default' },
    spec: { host: 'web', trafficPolicy },
  };
}

const toWeb = { route: [{ destination: { host: 'web' } }] };
const lacking = (labels: ReadonlySet<string>, wanted: readonly string[]) =>
  wanted.filter((label) => !labels.has(label));
const shown = ({ status, body }: HttpResponse) => [status, Buffer.from(body).toString()];

test('A route time-out answers 504, tells the server that its caller has gone, and logs UT and DC', async () => {
  const { server, seen, answerAll } = slowServer();
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  await mesh.put(routesFor('web', [{ ...toWeb, timeout: '0.5s' }]));
  const asked = mesh.get('http://web/');
  await mesh.clock.advance(500);
  const response = await asked;
  assert.deepEqual(shown(response), [504, 'upstream request timeout']);
  await mesh.clock.advance(1);
  assert.deepEqual(
    [seen.length, seen[0]?.signal?.aborted, mesh.lastLog('client'), mesh.lastLog('web')],
    [
      1,
      true,
      '504 UT response_timeout outbound|80||web.default.svc.cluster.local',
      '0 DC downstream_remote_disconnect inbound|8080||',
    ],
  );
  answerAll();
});

test('A failed connection is tried three times, an answer 503 only when the rule names it', async () => {
  let asked = 0;
  const failing = httpServer('web', async () => answer(++asked % 3 === 0 ? 200 : 503, 'x'));
  const mesh = await startSmallMesh([failing]);
  using _ = mesh.testbed;
  assert.equal((await mesh.get('http://web/')).status, 503);
  assert.equal(asked, 1);
  await mesh.put(routesFor('web', [{ ...toWeb, retries: { attempts: 2, retryOn: '5xx' } }]));
  asked = 0;
  const patient = mesh.get('http://web/');
  await mesh.clock.advance(1_000);
  assert.deepEqual([(await patient).status, asked], [200, 3]);
  mesh.network('web').intercept(undefined);
  mesh.stopListening('web');
  await mesh.put(routesFor('web', [toWeb]));
  const refused = mesh.get('http://web/');
  await mesh.clock.advance(1_000);
  assert.deepEqual(shown(await refused), [
    503,
    'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
  ]);
  assert.match(mesh.lastLog('client'), /^503 UF,URX upstream_reset_before_response_started/);
});

test('A circuit breaker of one connection and one waiting request refuses the third, and counts it', async () => {
  const { server, answerAll } = slowServer();
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  await mesh.put(
    policy({
      connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } },
    }),
  );
  const first = mesh.get('http://web/');
  const second = mesh.get('http://web/');
  const third = await mesh.get('http://web/');
  assert.deepEqual(
    [...shown(third), third.headers.get('x-envoy-overloaded')],
    [
      503,
      'upstream connect error or disconnect/reset before headers. reset reason: overflow',
      'true',
    ],
  );
  answerAll();
  await first;
  await mesh.clock.advance(1);
  answerAll();
  assert.equal((await second).status, 200);
  const statistics = await mesh.get('http://localhost:15000/stats');
  const pending = Buffer.from(statistics.body)
    .toString()
    .split('\n')
    .filter((line) => line.includes('||web.') && line.includes('upstream_rq_pending'));
  const name = 'cluster.outbound|80||web.default.svc.cluster.local;.upstream_rq_pending';
  // Until its connection is open, the first waits as well.
  assert.deepEqual(pending, [
    `${name}_active: 0`,
    `${name}_failure_eject: 0`,
    `${name}_overflow: 1`,
    `${name}_total: 2`,
  ]);
});

test('Outlier detection takes a pod that fails out of the pool, and back once its time is over', async () => {
  const good = httpServer('good', async () => answer(200, 'good'));
  const bad = httpServer('bad', async () => answer(500, 'bad'));
  const mesh = await startSmallMesh([good, bad], meshService('web', { pool: 'web' }));
  using _ = mesh.testbed;
  await mesh.put(
    policy({
      loadBalancer: { simple: 'ROUND_ROBIN' },
      outlierDetection: {
        consecutive5xxErrors: 2,
        baseEjectionTime: '30s',
        maxEjectionPercent: 100,
      },
    }),
  );
  const statuses = async (count: number) => {
    const seen: number[] = [];
    for (let index = 0; index < count; index++) seen.push((await mesh.get('http://web/')).status);
    return seen.filter((status) => status === 500).length;
  };
  assert.equal(await statuses(10), 2);
  assert.equal(await statuses(10), 0);
  await mesh.clock.advance(30_001);
  assert.equal(await statuses(10), 2);
});

test('Rewrites, redirects and header operations change what they name', async () => {
  const seen: string[] = [];
  const web = httpServer('web', async ({ path, authority, headers }) => {
    seen.push(`${authority} ${path} ${headers.get('x-added')} ${headers.get('x-original')}`);
    return answer(200, '');
  });
  const mesh = await startSmallMesh([web]);
  using _ = mesh.testbed;
  await mesh.put(
    routesFor('web', [
      {
        ...toWeb,
        match: [{ uri: { prefix: '/api' } }],
        rewrite: { uri: '/v2', authority: 'other' },
        headers: {
          request: { set: { 'x-added': 'yes' }, remove: ['x-original'] },
          response: { add: { 'x-answered': 'by rule' } },
        },
      },
      {
        match: [{ uri: { exact: '/old' } }],
        redirect: { uri: '/new', redirectCode: 302 },
      },
    ]),
  );
  const rewritten = await mesh.get('http://web/api/books?id=1', { 'x-original': 'gone' });
  const redirected = await mesh.get('http://web/old');
  const missing = await mesh.get('http://web/else');
  assert.deepEqual(
    [
      seen,
      rewritten.headers.get('x-answered'),
      redirected.status,
      redirected.headers.get('location'),
      ...shown(missing),
    ],
    [['other /v2/books?id=1 yes undefined'], 'by rule', 302, 'http://web/new', 404, ''],
  );
});

test('Client and server count a request in the metrics of Istio, each from its own side', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  await mesh.get('http://web/');
  const total = async (pod: string) => {
    const { body } = await mesh.testbed.get(
      mesh.testbed.network.host,
      `http://${mesh.network(pod).ip}:15090/stats/prometheus`,
    );
    const line = /^istio_requests_total\{(.*)\} (\d+)$/m.exec(Buffer.from(body).toString());
    return { labels: new Set((line?.[1] ?? '').split(',')), count: line?.[2] };
  };
  const client = await total('client');
  const server = await total('web');
  const common = [
    'source_workload="client"',
    'source_principal="spiffe://cluster.local/ns/default/sa/default"',
    'destination_workload="web"',
    'destination_service="web.default.svc.cluster.local"',
    'destination_service_name="web"',
    'request_protocol="http"',
    'response_code="200"',
    'response_flags="-"',
  ];
  assert.deepEqual([client.count, server.count], ['1', '1']);
  assert.deepEqual(
    [
      lacking(client.labels, [
        ...common,
        'reporter="source"',
        'connection_security_policy="unknown"',
      ]),
      lacking(server.labels, [
        ...common,
        'reporter="destination"',
        'connection_security_policy="mutual_tls"',
      ]),
    ],
    [[], []],
  );
});

test('A mesh without istiod keeps routing as it did', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  mesh.testbed.stopPod('istiod', 'istio-system');
  await mesh.clock.advance(10_000);
  assert.equal((await mesh.get('http://web/')).status, 200);
});

test('A connection that a NetworkPolicy drops fails after ten seconds with UF and says that it timed out', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  await mesh.put({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace: 'default' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  });
  await mesh.put(routesFor('web', [{ ...toWeb, retries: { attempts: 0 } }]));
  const asked = mesh.get('http://web/');
  await mesh.clock.advance(10_000);
  assert.deepEqual(
    [...shown(await asked), mesh.lastLog('client')],
    [
      503,
      'upstream connect error or disconnect/reset before headers. reset reason: connection timeout',
      '503 UF upstream_reset_before_response_started{connection_timeout} outbound|80||web.default.svc.cluster.local',
    ],
  );
});
