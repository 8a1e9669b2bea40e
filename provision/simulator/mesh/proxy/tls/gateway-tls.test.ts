import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lastingAuthority } from '../../../apiserver/pki/lasting-authority.ts';
import { FakeClock } from '../../../fake-clock.ts';
import { HttpHeaders } from '../../../net/http.ts';
import {
  exchangeSecurely,
  type SecureOptions,
  SecureRequestError,
} from '../../../node/shell/commands/curl/secure-request.ts';
import { GATEWAY_IP, plainClient, routesFor, startMesh } from '../../testbed/mesh.ts';

const START_MS = 2_000;
const CHANGE_MS = 200;

interface Server {
  readonly mode: string;
  readonly hosts: readonly string[];
  readonly credentialName: string;
}

/** Bookinfo behind HTTPS servers of the ingress gateway, and a client outside of the mesh. */
async function startSecureGateway(servers: readonly Server[]) {
  const clock = new FakeClock();
  const testbed = startMesh({ clock });
  const client = plainClient(testbed);
  await clock.advance(START_MS);
  testbed.tables.put({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'secure', namespace: 'default' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: servers.map(({ hosts, ...tls }, index) => ({
        port: { number: 443, name: `https-${index}`, protocol: 'HTTPS' },
        tls,
        hosts,
      })),
    },
  });
  const route = { route: [{ destination: { host: 'details', port: { number: 9080 } } }] };
  const service = routesFor('details', [route]);
  testbed.tables.put({
    ...service,
    spec: { hosts: ['*'], gateways: ['secure'], http: [route] },
  });
  await clock.advance(CHANGE_MS);
  return {
    /** Stores a Secret in the gateway's namespace. */
    secret: async (name: string, data: Readonly<Record<string, string>>) => {
      testbed.tables.put({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: 'istio-system' },
        data: Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
        ),
      });
      await clock.advance(CHANGE_MS);
    },
    /** Status, protocol and the certificate's names, or what curl says and ends with. */
    ask: async (serverName: string, options: Partial<SecureOptions> = {}) => {
      const target = { host: GATEWAY_IP, port: 443, serverName };
      const request = {
        method: 'GET',
        path: '/details/0',
        authority: serverName,
        headers: new HttpHeaders(),
        body: new Uint8Array(),
      };
      try {
        const all = { isInsecure: false, ...options };
        const { response, protocol, secured } = await exchangeSecurely(
          client,
          target,
          request,
          all,
        );
        return [response.status, protocol, ...secured.altNames];
      } catch (error) {
        if (error instanceof SecureRequestError) return [error.curl.exitCode, error.curl.message];
        throw error;
      }
    },
    [Symbol.dispose]: () => testbed[Symbol.dispose](),
  };
}

const HOST = 'httpbin.example.com';
const BROKEN = [35, 'Recv failure: Connection reset by peer'];

test('a SIMPLE server resets TLS until its Secret is there, and shows a new certificate as soon as there is one', async () => {
  using gateway = await startSecureGateway([
    { mode: 'SIMPLE', hosts: [HOST], credentialName: 'httpbin-credential' },
  ]);
  const authority = lastingAuthority('example Inc.');
  const trusting = { authorities: authority.certificate };
  assert.deepEqual(await gateway.ask(HOST, trusting), BROKEN);

  const first = authority.issue('server', [HOST]);
  await gateway.secret('httpbin-credential', { 'tls.crt': first.cert, 'tls.key': first.key });
  assert.deepEqual(await gateway.ask(HOST, trusting), [200, 'http/1.1', HOST]);
  assert.deepEqual(await gateway.ask(HOST, { ...trusting, protocols: ['h2', 'http/1.1'] }), [
    200,
    'h2',
    HOST,
  ]);
  assert.equal((await gateway.ask(HOST))[0], 60);
  assert.deepEqual(
    await gateway.ask(HOST, { ...trusting, maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1' }),
    [35, 'TLS connect error: error:0A0000BF:SSL routines::no protocols available'],
  );

  const second = authority.issue('server', [HOST, 'new.example.com']);
  await gateway.secret('httpbin-credential', { cert: second.cert, key: second.key });
  assert.deepEqual(await gateway.ask(HOST, trusting), [200, 'http/1.1', HOST, 'new.example.com']);
});

test('servers of one port are told apart by SNI, each with its own certificate; other names are reset', async () => {
  using gateway = await startSecureGateway([
    { mode: 'SIMPLE', hosts: [HOST], credentialName: 'httpbin' },
    { mode: 'SIMPLE', hosts: ['*.helloworld.example.com'], credentialName: 'helloworld' },
  ]);
  const authority = lastingAuthority('example Inc.');
  for (const [name, host] of [
    ['httpbin', HOST],
    ['helloworld', '*.helloworld.example.com'],
  ] as const) {
    const { cert, key } = authority.issue('server', [host]);
    await gateway.secret(name, { 'tls.crt': cert, 'tls.key': key });
  }
  const trusting = { authorities: authority.certificate };
  assert.deepEqual(
    [
      await gateway.ask(HOST, trusting),
      await gateway.ask('v1.helloworld.example.com', trusting),
      await gateway.ask('other.example.com', trusting),
    ],
    [[200, 'http/1.1', HOST], [200, 'http/1.1', '*.helloworld.example.com'], BROKEN],
  );
});

test('a MUTUAL server wants a certificate of its authority, an OPTIONAL_MUTUAL one takes none as well', async () => {
  const strange = lastingAuthority('somebody else').issue('client', ['client.example.com']);
  for (const mode of ['MUTUAL', 'OPTIONAL_MUTUAL']) {
    using gateway = await startSecureGateway([{ mode, hosts: [HOST], credentialName: 'mutual' }]);
    const authority = lastingAuthority('example Inc.');
    const { cert, key } = authority.issue('server', [HOST]);
    await gateway.secret('mutual', { 'tls.crt': cert, 'tls.key': key });
    const trusting = { authorities: authority.certificate };
    // The authorities that clients are checked against may be in a Secret of their own.
    assert.deepEqual(await gateway.ask(HOST, trusting), BROKEN);
    await gateway.secret('mutual-cacert', { 'ca.crt': authority.certificate });
    const client = authority.issue('client', ['client.example.com']);
    const shown = { ...trusting, certificate: client.cert, key: client.key };
    assert.deepEqual(await gateway.ask(HOST, shown), [200, 'http/1.1', HOST]);
    const wrong = { ...trusting, certificate: strange.cert, key: strange.key };
    assert.ok([52, 56].includes(Number((await gateway.ask(HOST, wrong))[0])));
    const [status, words] = await gateway.ask(HOST, trusting);
    if (mode === 'OPTIONAL_MUTUAL') assert.equal(status, 200);
    else {
      assert.equal(status, 56);
      assert.match(String(words), /SSL routines::tlsv13 alert certificate required/);
    }
  }
});
