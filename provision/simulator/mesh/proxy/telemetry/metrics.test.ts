import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders, type HttpResponse } from '../../../net/http.ts';
import { httpServer, startSmallMesh } from '../../testbed/small-mesh.ts';
import { Counter, Families } from './instruments.ts';
import { SERIES_LIMIT } from './limits.ts';
import { countMessages } from './protocol.ts';

type SmallMesh = Awaited<ReturnType<typeof startSmallMesh>>;

async function counters(mesh: SmallMesh, pod: string): Promise<readonly string[]> {
  const url = `http://${mesh.network(pod).ip}:15090/stats/prometheus`;
  const { body } = await mesh.testbed.get(mesh.testbed.network.host, url);
  return Buffer.from(body)
    .toString()
    .split('\n')
    .filter((line) => /^istio_(requests|request_messages|tcp)/.test(line));
}

const SERVER =
  'source_workload="client",source_canonical_service="client",source_canonical_revision="latest",source_workload_namespace="default",source_principal="spiffe://cluster.local/ns/default/sa/default",source_app="client",source_version="unknown",source_cluster="Kubernetes",destination_workload="web",destination_workload_namespace="default",destination_principal="spiffe://cluster.local/ns/default/sa/default",destination_app="web",destination_version="unknown",destination_service="web.default.svc.cluster.local",destination_canonical_service="web",destination_canonical_revision="latest",destination_service_name="web",destination_service_namespace="default",destination_cluster="Kubernetes"';

test('Client and server count a request with the labels of Istio in their order, histograms by its bounds', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  await mesh.get('http://web/');
  assert.deepEqual(
    [await counters(mesh, 'client'), await counters(mesh, 'web')],
    [
      [
        `istio_requests_total{reporter="source",${SERVER},request_protocol="http",response_code="200",grpc_response_status="",response_flags="-",connection_security_policy="unknown"} 1`,
      ],
      [
        `istio_requests_total{reporter="destination",${SERVER},request_protocol="http",response_code="200",grpc_response_status="",response_flags="-",connection_security_policy="mutual_tls"} 1`,
      ],
    ],
  );
  const url = 'http://localhost:15000/stats/prometheus';
  const { body } = await mesh.get(url);
  const buckets = [
    ...Buffer.from(body)
      .toString()
      .matchAll(/milliseconds_bucket.*le="(.*)"\} 1/g),
  ];
  assert.equal(
    buckets.map(([, bound]) => bound).join(' '),
    '0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000 +Inf',
  );
});

test('Requests to hosts that nobody knows are counted under the cluster that takes them', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  await mesh.get('http://web/', { host: 'shop.example' });
  const [line = ''] = await counters(mesh, 'client');
  assert.deepEqual(
    [...line.matchAll(/(destination_service\w*)="([^"]*)"/g)].map(([, , value]) => value),
    ['shop.example', 'PassthroughCluster', 'unknown'],
  );
});

test('Calls of gRPC are counted with their status and their messages', async () => {
  const frame = Uint8Array.of(0, 0, 0, 0, 1, 7);
  const headers = new HttpHeaders([
    ['content-type', 'application/grpc'],
    ['grpc-status', '5'],
  ]);
  const mesh = await startSmallMesh([
    httpServer('web', async () => ({ status: 200, headers, body: new Uint8Array() })),
  ]);
  using _ = mesh.testbed;
  await mesh.network('client').request(
    { host: 'web', port: 80 },
    {
      method: 'POST',
      path: '/echo.Echo/Say',
      authority: 'web',
      headers: new HttpHeaders([['content-type', 'application/grpc']]),
      body: Buffer.concat([frame, frame]),
    },
  );
  assert.deepEqual(
    (await counters(mesh, 'web')).map((line) => line.replace(/\{.*(request_protocol)/, '{$1')),
    [
      'istio_request_messages_total{request_protocol="grpc",response_code="200",grpc_response_status="5",response_flags="-",connection_security_policy="mutual_tls"} 2',
      'istio_requests_total{request_protocol="grpc",response_code="200",grpc_response_status="5",response_flags="-",connection_security_policy="mutual_tls"} 1',
    ],
  );
  assert.equal(countMessages(frame.subarray(0, 3)), 0);
});

test('Telemetry takes metrics away, labels as well, and makes labels of expressions', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  await mesh.put({
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace: 'istio-system' },
    spec: {
      metrics: [
        {
          providers: [{ name: 'prometheus' }],
          overrides: [
            { match: { mode: 'SERVER' }, disabled: true },
            {
              match: { metric: 'REQUEST_COUNT', mode: 'CLIENT' },
              tagOverrides: {
                request_host: { value: 'request.host' },
                destination_port: { operation: 'UPSERT', value: 'string(destination.port)' },
                user: { value: "request.headers['x-user']" },
                response_flags: { operation: 'REMOVE' },
              },
            },
          ],
        },
      ],
    },
  });
  await mesh.get('http://web/');
  assert.deepEqual(
    [await counters(mesh, 'client'), await counters(mesh, 'web')],
    [
      [
        `istio_requests_total{reporter="source",${SERVER},request_protocol="http",response_code="200",grpc_response_status="",connection_security_policy="unknown",request_host="web",destination_port="80",user="unknown"} 1`,
      ],
      [],
    ],
  );
});

test('A proxy keeps as many series as its limit and drops the oldest', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  for (let index = 0; index <= SERIES_LIMIT; index++) {
    await mesh.get('http://web/', { host: `host-${index}` });
  }
  const lines = await counters(mesh, 'client');
  assert.deepEqual(
    [lines.length, lines.some((line) => line.includes('"host-0"'))],
    [SERIES_LIMIT, false],
  );
});

test('Requests after those whose series was dropped are counted anew, and seen', async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, 'x'))]);
  using _ = mesh.testbed;
  await mesh.get('http://web/');
  for (let index = 0; index < SERIES_LIMIT; index++) {
    await mesh.get('http://web/', { host: `host-${index}` });
  }
  const ofWeb = async () =>
    (await counters(mesh, 'client')).filter((line) => line.includes('"web.default'));
  assert.deepEqual(await ofWeb(), []);
  await mesh.get('http://web/');
  assert.deepEqual(
    (await ofWeb()).map((line) => line.split(' ').at(-1)),
    ['1'],
  );
});

test('Families are shown by name, and quotation marks in labels are those of the proxy', () => {
  const families = new Families('counter', () => new Counter());
  families.of('b', 'x="1"').value = 2;
  families.of('a', '').value = 1;
  assert.equal(families.expose(), '# TYPE a counter\na{} 1\n# TYPE b counter\nb{x="1"} 2\n');
});

function answer(status: number, body: string): HttpResponse {
  return { status, headers: new HttpHeaders(), body: Buffer.from(body) };
}
