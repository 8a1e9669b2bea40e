import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../../../client/client.ts';
import { HttpHeaders, type HttpResponse } from '../../../net/http.ts';
import { httpServer, startSmallMesh } from '../../testbed/small-mesh.ts';
import { expression } from './attributes.ts';
import { type LogEntry, refusedEntry } from './log-entry.ts';
import { jsonFormat, textFormat } from './log-format.ts';
import { formatTime } from './time-format.ts';

const PEER = { ip: '10.0.0.1', port: 40_000 };
const REFUSED = refusedEntry(0, PEER, { ip: '10.0.0.2', port: 80 });
const ENTRY: LogEntry = {
  ...REFUSED,
  request: {
    method: 'GET',
    path: '/new',
    authority: 'web',
    headers: new HttpHeaders([
      ['user-agent', 'curl/8'],
      ['x-user', 'jason'],
    ]),
    body: new Uint8Array(),
  },
  response: { status: 503, headers: new HttpHeaders([['x-a', 'b']]), body: new Uint8Array(3) },
  originalPath: '/old?x=1',
  code: 503,
  flags: 'UF,URX',
  details: 'via_upstream',
  upstreamMs: 3.6,
  sentBytes: 3,
  durationMs: 12,
};

test("Istio's default format shows what is not known as -, and a connection without a request as - - -", () => {
  assert.equal(
    textFormat('')(REFUSED),
    '[1970-01-01T00:00:00.000Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.2:80 10.0.0.1:40000 - -',
  );
  assert.equal(
    textFormat('')(ENTRY),
    '[1970-01-01T00:00:00.000Z] "GET /old?x=1 HTTP/1.1" 503 UF,URX via_upstream - "-" 0 3 12 4 "-" "curl/8" "-" "web" "-" - - 10.0.0.2:80 10.0.0.1:40000 - -',
  );
});

test('JSON has its keys in order, numbers as numbers and null for what is not known', () => {
  assert.equal(
    jsonFormat()(ENTRY),
    '{"authority":"web","bytes_received":0,"bytes_sent":3,"connection_termination_details":null,"downstream_local_address":"10.0.0.2:80","downstream_remote_address":"10.0.0.1:40000","duration":12,"method":"GET","path":"/old?x=1","protocol":"HTTP/1.1","request_id":null,"requested_server_name":null,"response_code":503,"response_code_details":"via_upstream","response_flags":"UF,URX","route_name":null,"start_time":"1970-01-01T00:00:00.000Z","upstream_cluster":null,"upstream_host":null,"upstream_local_address":null,"upstream_service_time":"4","upstream_transport_failure_reason":null,"user_agent":"curl/8","x_forwarded_for":null}',
  );
});

test("Formats of one's own take Envoy's operators: alternatives, lengths, times, and - for those that nobody knows", () => {
  const format =
    '%START_TIME(%Y/%m/%dT%H:%M:%S.%3f%z)% %REQ(X-NONE?X-USER):3% %RESP(X-A)% %REQ(:PATH)% %RESPONSE_CODE%%% %NO_SUCH(x)% %METHOD%\n';
  assert.equal(textFormat(format)(ENTRY), '1970/01/01T00:00:00.000+0000 jas b /new 503% - GET');
  assert.equal(formatTime(1_234, '%s.%3f %F'), '1.234 1970-01-01');
});

test('Expressions read attributes of Envoy, and come to nothing where one is not there', () => {
  assert.deepEqual(
    [
      read('response.code >= 400'),
      read('connection.mtls'),
      read("request.url_path.contains('ol') && request.query == 'x=1'"),
      read('has(request.referer)'),
      read("request.headers['x-user'] == 'jason'"),
      read("request.headers['x-none'] == ''"),
      read('response.flags'),
      read('response.code >'),
    ],
    [true, false, true, false, true, undefined, 32_800n, undefined],
  );
});

test('Telemetry chooses logs by scope, mode and expression, whatever the mesh says', async () => {
  const mesh = await startSmallMesh([
    httpServer('web', async ({ path }) => answer(path === '/bad' ? 500 : 200, '')),
  ]);
  using _ = mesh.testbed;
  const written = async (path: string) => {
    for (const lines of mesh.testbed.logs.values()) lines.splice(0);
    await mesh.get(`http://web${path}`);
    return ['client', 'web'].map((pod) =>
      (mesh.testbed.logs.get(`${pod}/istio-proxy`) ?? []).map((line) => line.split('"')[1]),
    );
  };
  const both = [['GET / HTTP/1.1'], ['GET / HTTP/1.1']];
  assert.deepEqual(await written('/'), both);
  const filter = { expression: 'response.code >= 500' };
  await mesh.put(telemetry('istio-system', { accessLogging: [{ filter }] }));
  assert.deepEqual(await written('/'), [[], []]);
  assert.deepEqual(await written('/bad'), [['GET /bad HTTP/1.1'], ['GET /bad HTTP/1.1']]);
  await mesh.put(
    telemetry('default', { accessLogging: [{ match: { mode: 'CLIENT' }, disabled: true }] }),
  );
  assert.deepEqual(await written('/bad'), [[], ['GET /bad HTTP/1.1']]);
});

test("A server's log says HTTP/2 where proxies speak it between them, whatever the client speaks to its own", async () => {
  const mesh = await startSmallMesh([httpServer('web', async () => answer(200, ''))]);
  using _ = mesh.testbed;
  await mesh.put({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      host: 'web',
      trafficPolicy: { connectionPool: { http: { h2UpgradePolicy: 'UPGRADE' } } },
    },
  });
  await mesh.get('http://web/');
  assert.deepEqual(
    ['client', 'web'].map(
      (pod) => mesh.testbed.logs.get(`${pod}/istio-proxy`)?.at(-1)?.split('"')[1],
    ),
    ['GET / HTTP/1.1', 'GET / HTTP/2'],
  );
});

function telemetry(namespace: string, spec: object): NewObject {
  return {
    apiVersion: 'telemetry.istio.io/v1',
    kind: 'Telemetry',
    metadata: { name: 'default', namespace },
    spec,
  };
}

function read(text: string) {
  return expression(text)?.(ENTRY);
}

function answer(status: number, body: string): HttpResponse {
  return { status, headers: new HttpHeaders(), body: Buffer.from(body) };
}
