import assert from 'node:assert/strict';
import { test } from 'node:test';

import { listAt, stringAt } from '../../../../kinds/json.ts';
import type { JsonObject, Labels } from '../../../../kinds/object.ts';
import { HttpHeaders, type HttpRequest } from '../../../../net/http.ts';
import { httpServer, startSmallMesh } from '../../../testbed/small-mesh.ts';

const FLUSH_MS = 5_000;
const ID = '00000000-0000-4000-8000-000000000000';

/** A mesh whose spans go to the pod of the server, and what its application has seen. */
async function startTraced(type: 'zipkin' | 'opentelemetry', port: number) {
  const seen: HttpRequest[] = [];
  const mesh = await startSmallMesh([
    httpServer('web', async (request) => {
      seen.push(request);
      return { status: 200, headers: new HttpHeaders(), body: new Uint8Array() };
    }),
  ]);
  const service = mesh.network('web').ip;
  const provider = { name: 'spans', [type]: { service, port } };
  const config = { accessLogFile: '/dev/stdout', extensionProviders: [provider] };
  await mesh.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(config) },
  });
  const trace = (spec: JsonObject) =>
    mesh.put({
      apiVersion: 'telemetry.istio.io/v1',
      kind: 'Telemetry',
      metadata: { name: 'default', namespace: 'istio-system' },
      spec: { tracing: [{ providers: [{ name: 'spans' }], ...spec }] },
    });
  const headers = async (sent: Labels) => {
    await mesh.get('http://web/a?b=c', { 'x-request-id': ID, ...sent });
    const last = seen.at(-1)?.headers;
    return (name: string) => last?.get(name);
  };
  return { mesh, trace, headers };
}

test('Spans of both sides reach an OpenTelemetry collector, one below the other, with the tags of Istio', async () => {
  const { mesh, trace, headers } = await startTraced('opentelemetry', 4317);
  using _ = mesh.testbed;
  const taken: JsonObject[] = [];
  const service = { takeSpans: (request: JsonObject) => taken.push(request) };
  mesh.network('web').listen(4317, { type: 'service', service });
  await trace({
    randomSamplingPercentage: 100,
    customTags: {
      tier: { literal: { value: 'gold' } },
      user: { header: { name: 'x-user', defaultValue: 'nobody' } },
    },
  });
  const header = await headers({ 'user-agent': 'curl' });
  await mesh.clock.advance(FLUSH_MS);
  const resources = taken.flatMap((request) => listAt(request, 'resourceSpans'));
  const spans = resources.flatMap((one) => listAt(listAt(one, 'scopeSpans')[0], 'spans'));
  const [client, server] = ['SPAN_KIND_CLIENT', 'SPAN_KIND_SERVER'].map((kind) =>
    spans.find((span) => stringAt(span, 'kind') === kind),
  );
  assert.deepEqual(
    [
      spans.length,
      resources
        .map((one) => stringAt(listAt(one, 'resource', 'attributes')[0], 'value', 'stringValue'))
        .toSorted(),
      [client, server].map((span) => stringAt(span, 'name')),
      stringAt(server, 'parentSpanId') === stringAt(client, 'spanId'),
      header('traceparent') ===
        `00-${stringAt(server, 'traceId')}-${stringAt(server, 'spanId')}-01`,
      header('x-request-id'),
      header('x-b3-traceid'),
    ],
    [
      2,
      ['client.default', 'web.default'],
      ['web.default.svc.cluster.local:80/*', 'web.default.svc.cluster.local:80/*'],
      true,
      true,
      '00000000-0000-9000-8000-000000000000',
      undefined,
    ],
  );
  const tags = listAt(client, 'attributes').map(
    (tag) => `${stringAt(tag, 'key')}=${stringAt(tag, 'value', 'stringValue')}`,
  );
  const { ip } = mesh.network('client');
  assert.deepEqual(tags, [
    `node_id=sidecar~${ip}~client.default~default.svc.cluster.local`,
    'component=proxy',
    'guid:x-request-id=00000000-0000-9000-8000-000000000000',
    'http.url=http://web/a?b=c',
    'http.method=GET',
    'downstream_cluster=-',
    'user_agent=curl',
    'http.protocol=HTTP/1.1',
    `peer.address=${ip}`,
    'request_size=0',
    'response_size=0',
    'http.status_code=200',
    'response_flags=-',
    'upstream_cluster=outbound|80||web.default.svc.cluster.local',
    'upstream_cluster.name=outbound|80||web.default.svc.cluster.local;',
    'istio.canonical_revision=latest',
    'istio.canonical_service=client',
    'istio.mesh_id=cluster.local',
    'istio.namespace=default',
    'istio.cluster_id=Kubernetes',
    'tier=gold',
    'user=nobody',
  ]);
});

test('Zipkin gets its own JSON and B3 headers; a caller decides, and its trace goes on', async () => {
  const { mesh, trace, headers } = await startTraced('zipkin', 9411);
  using _ = mesh.testbed;
  const posts: string[] = [];
  const handle = async ({ method, path, body }: HttpRequest) => {
    posts.push(`${method} ${path} ${Buffer.from(body).toString()}`);
    return { status: 202, headers: new HttpHeaders(), body: new Uint8Array() };
  };
  mesh.network('web').listen(9411, { type: 'http', handle });
  await trace({ randomSamplingPercentage: 0, match: { mode: 'CLIENT' } });
  const traceId = 'a'.repeat(32);
  const spanId = 'b'.repeat(16);
  const sent = { 'x-b3-traceid': traceId, 'x-b3-spanid': spanId };
  const undecided = await headers(sent);
  assert.deepEqual(
    [undecided('x-b3-traceid'), undecided('x-b3-sampled'), undecided('x-b3-parentspanid')],
    [traceId, '0', spanId],
  );
  const decided = await headers({ ...sent, 'x-b3-sampled': '1' });
  await mesh.clock.advance(FLUSH_MS);
  const [post = ''] = posts;
  assert.equal(posts.length, 1);
  assert.match(
    post,
    new RegExp(
      `^POST /api/v2/spans \\[\\{"traceId":"${traceId}","parentId":"${spanId}","name":"web.default.svc.cluster.local:80/\\*","id":"${decided('x-b3-spanid')}","kind":"CLIENT","timestamp":\\d+,"duration":1,"localEndpoint":\\{"serviceName":"client.default","ipv4":"[\\d.]+","port":0\\},"tags":`,
    ),
  );
});

test('Without a provider no context is made up, and that of the caller is passed on', async () => {
  const { mesh, headers } = await startTraced('zipkin', 9411);
  using _ = mesh.testbed;
  const header = await headers({ 'x-b3-traceid': 'a'.repeat(32) });
  assert.deepEqual(['x-request-id', 'x-b3-traceid', 'x-b3-spanid', 'traceparent'].map(header), [
    ID,
    'a'.repeat(32),
    undefined,
    undefined,
  ]);
});

test('Spans are not reported, or contexts not passed on, where Telemetry says so', async () => {
  const { mesh, trace, headers } = await startTraced('opentelemetry', 4317);
  using _ = mesh.testbed;
  const taken: JsonObject[] = [];
  const service = { takeSpans: (request: JsonObject) => taken.push(request) };
  mesh.network('web').listen(4317, { type: 'service', service });
  await trace({ randomSamplingPercentage: 100, disableSpanReporting: true });
  const reported = await headers({});
  await trace({ randomSamplingPercentage: 0, disableContextPropagation: true });
  const hidden = await headers({});
  await mesh.clock.advance(FLUSH_MS);
  assert.deepEqual(
    [taken, reported('traceparent')?.slice(-2), hidden('traceparent')],
    [[], '01', undefined],
  );
});
