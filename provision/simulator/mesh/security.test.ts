import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewObject } from '../client/client.ts';
import { HttpHeaders, type HttpResponse } from '../net/http.ts';
import { NetworkError } from '../net/network.ts';
import { plainClient } from './testbed/mesh.ts';
import { httpServer, startSmallMesh } from './testbed/small-mesh.ts';

const SERVICE = 'http://web/';

async function startMesh() {
  const seen: HttpHeaders[] = [];
  const mesh = await startSmallMesh([
    httpServer('web', async ({ headers }) => {
      seen.push(headers);
      return { status: 200, headers: new HttpHeaders(), body: Buffer.from('hello') };
    }),
  ]);
  const plain = plainClient(mesh.testbed);
  return {
    ...mesh,
    [Symbol.dispose]: () => mesh.testbed[Symbol.dispose](),
    seen,
    fromMesh: () => answerOf(mesh.get(SERVICE)),
    fromPlain: () => answerOf(mesh.testbed.get(plain, SERVICE)),
  };
}

/** `200 hello`, or what the socket says. */
async function answerOf(asked: Promise<HttpResponse>): Promise<string> {
  try {
    const { status, body } = await asked;
    return `${status} ${Buffer.from(body).toString()}`;
  } catch (error) {
    if (error instanceof NetworkError) return error.code;
    throw error;
  }
}

function security(kind: string, name: string, spec: object, more: object = {}): NewObject {
  const metadata = { name, namespace: 'default', ...more };
  return { apiVersion: 'security.istio.io/v1', kind, metadata, spec: { ...spec } };
}

function rule(tls: object): NewObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web', namespace: 'default' },
    spec: { host: 'web', trafficPolicy: { tls } },
  };
}

const WRONG_VERSION =
  '503 upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end';
const CLOSED =
  '503 upstream connect error or disconnect/reset before headers. reset reason: connection termination';

test('PeerAuthentication and DestinationRule: who reaches a server that takes plain text, mutual TLS or both', async () => {
  const found: Record<string, readonly string[]> = {};
  for (const mode of ['UNSET', 'PERMISSIVE', 'STRICT', 'DISABLE']) {
    for (const client of ['-', 'DISABLE', 'ISTIO_MUTUAL']) {
      using mesh = await startMesh();
      await mesh.put(security('PeerAuthentication', 'default', { mtls: { mode } }));
      if (client !== '-') await mesh.put(rule({ mode: client }));
      const asking = mesh.fromMesh();
      await mesh.clock.advance(2_000);
      found[`${mode} ${client}`] = [await asking, await mesh.fromPlain()];
    }
  }
  const both = ['200 hello', '200 hello'];
  assert.deepEqual(found, {
    'UNSET -': both,
    'UNSET DISABLE': both,
    'UNSET ISTIO_MUTUAL': both,
    'PERMISSIVE -': both,
    'PERMISSIVE DISABLE': both,
    'PERMISSIVE ISTIO_MUTUAL': both,
    'STRICT -': ['200 hello', 'ECONNRESET'],
    'STRICT DISABLE': [CLOSED, 'ECONNRESET'],
    'STRICT ISTIO_MUTUAL': ['200 hello', 'ECONNRESET'],
    'DISABLE -': both,
    'DISABLE DISABLE': both,
    'DISABLE ISTIO_MUTUAL': [WRONG_VERSION, '200 hello'],
  });
});

test('PeerAuthentication: ports before workloads before namespaces before the mesh, the oldest of a level', async () => {
  using mesh = await startMesh();
  const { put, fromPlain } = mesh;
  const selector = { matchLabels: { app: 'web' } };
  const root = { namespace: 'istio-system' };
  const strict = { mtls: { mode: 'STRICT' } };
  await put(security('PeerAuthentication', 'default', strict, root));
  assert.equal(await fromPlain(), 'ECONNRESET', 'mesh');
  await put(security('PeerAuthentication', 'default', { mtls: { mode: 'PERMISSIVE' } }));
  assert.equal(await fromPlain(), '200 hello', 'namespace');
  await put(
    security('PeerAuthentication', 'younger', strict, {
      creationTimestamp: '2026-02-02T00:00:00Z',
    }),
  );
  assert.equal(await fromPlain(), '200 hello', 'the oldest');
  await put(security('PeerAuthentication', 'web', { selector, mtls: { mode: 'UNSET' } }));
  assert.equal(await fromPlain(), '200 hello', 'inherited');
  await put(security('PeerAuthentication', 'web', { selector, ...strict }));
  assert.equal(await fromPlain(), 'ECONNRESET', 'workload');
  await put(
    security('PeerAuthentication', 'web', {
      selector,
      ...strict,
      portLevelMtls: { 80: { mode: 'DISABLE' } },
    }),
  );
  assert.equal(await fromPlain(), 'ECONNRESET', 'port of the Service');
  await put(
    security('PeerAuthentication', 'web', {
      selector,
      ...strict,
      portLevelMtls: { 8080: { mode: 'DISABLE' } },
    }),
  );
  assert.equal(await fromPlain(), '200 hello', 'port of the container');
});

test('Plain text that STRICT refuses is in the log of the server’s proxy', async () => {
  using mesh = await startMesh();
  const { testbed, put, fromPlain } = mesh;
  await put(security('PeerAuthentication', 'default', { mtls: { mode: 'STRICT' } }));
  assert.equal(await fromPlain(), 'ECONNRESET');
  const line = testbed.logs.get('web/istio-proxy')?.at(-1) ?? '';
  assert.match(
    line,
    /^\[[^\]]+\] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10\.244\.1\.\d+:8080 10\.244\.1\.250:\d+ - -$/,
  );
});

test('Without auto mTLS only a DestinationRule asks for mutual TLS', async () => {
  using mesh = await startMesh();
  const { put, clock, fromMesh, seen } = mesh;
  await put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'enableAutoMtls: false' },
  });
  await clock.advance(1_000);
  assert.equal(await fromMesh(), '200 hello');
  await put(rule({ mode: 'ISTIO_MUTUAL' }));
  assert.equal(await fromMesh(), '200 hello');
  assert.deepEqual(
    seen.map((headers) => headers.get('x-forwarded-client-cert')?.replace(/Hash=\w{64}/, 'Hash=…')),
    [
      undefined,
      'By=spiffe://cluster.local/ns/default/sa/default;Hash=…;Subject="";URI=spiffe://cluster.local/ns/default/sa/default',
    ],
  );
});

test('AuthorizationPolicies decide in the order DENY, ALLOW, in all namespaces from the root one, and only where they are selected', async () => {
  using mesh = await startMesh();
  const { put, fromMesh, lastLog } = mesh;
  const denied = '403 RBAC: access denied';
  const policy = (name: string, spec: object, more: object = {}) =>
    put(security('AuthorizationPolicy', name, spec, more));
  await policy('allow-nothing', {});
  assert.equal(await fromMesh(), denied);
  assert.equal(lastLog('web'), '403 - rbac_access_denied_matched_policy[none] inbound|8080||');
  await policy('viewer', {
    selector: { matchLabels: { app: 'web' } },
    rules: [{ from: [{ source: { principals: ['cluster.local/ns/default/sa/default'] } }] }],
  });
  assert.equal(await fromMesh(), '200 hello');
  const everywhere = { namespace: 'istio-system' };
  await policy(
    'no-get',
    { action: 'DENY', rules: [{ to: [{ operation: { methods: ['GET'] } }] }] },
    everywhere,
  );
  assert.equal(await fromMesh(), denied);
  assert.equal(
    lastLog('web'),
    '403 - rbac_access_denied_matched_policy[ns[istio-system]-policy[no-get]-rule[0]] inbound|8080||',
  );
  await policy(
    'no-get',
    { action: 'DENY', selector: { matchLabels: { app: 'other' } }, rules: [{}] },
    everywhere,
  );
  assert.equal(await fromMesh(), '200 hello');
  const dryRun = { annotations: { 'istio.io/dry-run': 'true' } };
  await policy('tried', { action: 'DENY', rules: [{}] }, dryRun);
  assert.equal(await fromMesh(), '200 hello');
});
