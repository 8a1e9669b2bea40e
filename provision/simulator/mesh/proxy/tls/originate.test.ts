import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lastingAuthority } from '../../../apiserver/pki/lasting-authority.ts';
import { FakeClock } from '../../../fake-clock.ts';
import { FakeClusterClient } from '../../../net/fake-cluster-client.ts';
import { HttpHeaders } from '../../../net/http.ts';
import { acceptTls } from '../../../net/tls-server.ts';
import { VirtualNetwork } from '../../../net/virtual-network.ts';
import { publicAuthority } from '../../../programs/world/authority.ts';
import { createWorld } from '../../../programs/world/index.ts';
import type { ClientTlsSettings } from '../../istio/destination-rule.ts';
import { TlsFailure } from './originate.ts';
import { deliverSecurely } from './secure-delivery.ts';

const authority = lastingAuthority('example Inc.');
const serverIdentity = authority.issue('server', ['nginx.mesh-external.svc.cluster.local']);
const clientIdentity = authority.issue('client', ['client.example.com']);
const FILES: Readonly<Record<string, string>> = {
  '/etc/ssl/certs/ca-certificates.crt': publicAuthority().certificate,
  '/certs/ca.crt': authority.certificate,
  '/certs/tls.crt': clientIdentity.cert,
  '/certs/tls.key': clientIdentity.key,
};

const random = () => 0;

function startNetwork() {
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const outside = createWorld({ clock, random });
  const network = new VirtualNetwork({ client: new FakeClusterClient(), clock, random, outside });
  const nginx = network.attach({ ip: '10.244.1.9', namespace: 'mesh-external', podName: 'nginx' });
  nginx.listen(443, {
    type: 'tcp',
    accept: (connection) => {
      const options = { ...serverIdentity, ca: authority.certificate, requestCert: true };
      acceptTls(connection, options).then(
        (secure) => secure.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'),
        () => undefined,
      );
    },
  });
  nginx.listen(80, {
    type: 'http',
    handle: async () => ({ status: 200, headers: new HttpHeaders(), body: new Uint8Array() }),
  });
  const proxy = network.attach({ ip: '10.244.1.5', namespace: 'default', podName: 'client' });
  const material = { secret: () => undefined, readFile: (path: string) => FILES[path] };
  const ask = async (
    place: { readonly ip: string; readonly port: number; readonly host: string },
    settings: ClientTlsSettings,
  ) => {
    const request = {
      method: 'GET',
      path: '/politics',
      authority: place.host,
      headers: new HttpHeaders(),
      body: new Uint8Array(),
    };
    try {
      const sent = { endpoint: place, settings, network: proxy, material };
      return (await deliverSecurely(request, sent)).status;
    } catch (error) {
      if (error instanceof TlsFailure) return error.reason;
      throw error;
    }
  };
  return { ask, [Symbol.dispose]: () => network[Symbol.dispose]() };
}

const CNN = { ip: '203.0.113.13', port: 443, host: 'edition.cnn.com' };
const NGINX = { ip: '10.244.1.9', port: 443, host: 'nginx.mesh-external.svc.cluster.local' };
const UNVERIFIED =
  'TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end';

test('TLS that a proxy starts is checked against public authorities, the name asked for and what the rule says', async () => {
  using network = startNetwork();
  assert.deepEqual(
    [
      await network.ask(CNN, { mode: 'SIMPLE' }),
      await network.ask(CNN, { mode: 'SIMPLE', sni: 'edition.cnn.com' }),
      // A name that the certificate is not for.
      await network.ask({ ...CNN, host: 'www.google.com' }, { mode: 'SIMPLE' }),
      await network.ask(CNN, { mode: 'SIMPLE', subjectAltNames: ['other.example.com'] }),
      await network.ask(CNN, { mode: 'SIMPLE', caCertificates: '/certs/ca.crt' }),
      await network.ask(
        { ...CNN, host: 'www.google.com' },
        { mode: 'SIMPLE', insecureSkipVerify: true },
      ),
    ],
    [200, 200, UNVERIFIED, UNVERIFIED, UNVERIFIED, 200],
  );
});

test('MUTUAL shows the certificate of the rule, and a plain server is known by its wrong version', async () => {
  using network = startNetwork();
  const files = {
    clientCertificate: '/certs/tls.crt',
    privateKey: '/certs/tls.key',
    caCertificates: '/certs/ca.crt',
  };
  assert.deepEqual(
    [
      await network.ask(NGINX, { mode: 'MUTUAL', ...files }),
      await network.ask(NGINX, { mode: 'MUTUAL', credentialName: 'client-credential' }),
      await network.ask({ ...NGINX, port: 80 }, { mode: 'SIMPLE' }),
    ],
    [
      200,
      'TLS_error:Secret is not supplied by SDS',
      'TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end',
    ],
  );
});
