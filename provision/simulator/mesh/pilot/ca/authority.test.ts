import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';

import { makeCertificate } from '../../../apiserver/pki/certificate.ts';
import * as der from '../../../apiserver/pki/der.ts';
import { FakeClock } from '../../../fake-clock.ts';
import { secrets } from '../../../kinds/resources.ts';
import { WorkloadCertificate } from '../../proxy/security/workload-certificate.ts';
import { Tables } from '../../testbed/tables.ts';
import { loadAuthority } from './authority.ts';

const NAMESPACE = 'istio-system';
const IDENTITY = 'spiffe://cluster.local/ns/foo/sa/httpbin';
const HOUR_MS = 3_600_000;

/** Made by `openssl req -x509 -newkey ec`. */
const FOREIGN_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBoTCCAUegAwIBAgIUIna47pq158B19dkeiPRS6+qv4gAwCgYIKoZIzj0EAwIw
JTEOMAwGA1UECgwFSXN0aW8xEzARBgNVBAMMCkZvcmVpZ24gQ0EwIBcNMjYxMTI2
MDI0MzUxWhgPMjEyNjExMDIwMjQzNTFaMCUxDjAMBgNVBAoMBUlzdGlvMRMwEQYD
VQQDDApGb3JlaWduIENBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAtnRZKYD
F/Zlh5360QmQIU9FYgHavj+NLeKgqY2ZJGpHGaHIu0Mgpq2vd9+tJWGH/TBKK3vZ
eoaAEoqWxJcvu6NTMFEwHQYDVR0OBBYEFJKG5ikLbb2fGoh5H05iu4YpaoLjMB8G
A1UdIwQYMBaAFJKG5ikLbb2fGoh5H05iu4YpaoLjMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIhAODU21kCgnGJDiQIg/0Dnux7Y9lhTv6d+p2j13S+
wo7yAiADgN+sZzaH5bRhEiLZ7PsletsvK465eRL9GFqujBJBpw==
-----END CERTIFICATE-----
`;
const FOREIGN_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQO/dMd5+quYuDAnr
c2oJmriYcWYSCkSBc6wkJkqAjlOhRANCAAQC2dFkpgMX9mWHnfrRCZAhT0ViAdq+
P40t4qCpjZkkakcZoci7QyCmra93360lYYf9MEore9l6hoASipbEly+7
-----END PRIVATE KEY-----
`;

test('istiod makes an authority of its own once, and signs workloads that X.509 finds good', async () => {
  const { now } = clockAtStart();
  const client = new Tables();
  const authority = await loadAuthority(client, NAMESPACE, now);
  const again = await loadAuthority(client, NAMESPACE, now + 1);
  assert.equal(again.root, authority.root);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [root, own] = [authority.root, again.sign(IDENTITY, publicKey, now)].map(
    (pem) => new X509Certificate(pem),
  );
  assert.ok(root && own);
  assert.deepEqual(
    {
      subject: own.subject,
      issuer: own.issuer,
      names: own.subjectAltName,
      usages: own.keyUsage,
      hours: (Date.parse(own.validTo) - now) / HOUR_MS,
      isGood: own.checkIssued(root) && own.verify(root.publicKey),
      isRoot: root.ca && root.checkIssued(root),
    },
    {
      subject: undefined,
      issuer: 'O=cluster.local',
      names: `URI:${IDENTITY}`,
      usages: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      hours: 24,
      isGood: true,
      isRoot: true,
    },
  );
});

test('An authority in cacerts signs with its RSA key under its own name, and shows its chain', async () => {
  const { now } = clockAtStart();
  const client = new Tables();
  const root = newKeys();
  const plugged = newKeys();
  const validity = { notBeforeMs: now, notAfterMs: now + HOUR_MS, usage: 'authority' } as const;
  const rawName = der.sequence(
    part('2.5.4.10', 'Istio'),
    part('2.5.4.3', 'Intermediate CA'),
    part('2.5.4.7', 'cluster1'),
  );
  const rootIssuer = { commonName: 'Root CA', ...root };
  const rootPem = makeCertificate({
    commonName: 'Root CA',
    publicKey: root.publicKey,
    issuer: rootIssuer,
    ...validity,
  });
  const caPem = makeCertificate({
    commonName: '',
    rawSubject: rawName,
    publicKey: plugged.publicKey,
    issuer: rootIssuer,
    ...validity,
  });
  const files = {
    'ca-cert.pem': caPem,
    'ca-key.pem': plugged.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'root-cert.pem': rootPem,
    'cert-chain.pem': `${caPem}${rootPem}`,
  };
  putAuthority(client, files);
  const authority = await loadAuthority(client, NAMESPACE, now);
  assert.equal(authority.root, rootPem);
  assert.equal(client.get(secrets, 'istio-ca-secret', NAMESPACE), undefined);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const chain = authority.sign(IDENTITY, publicKey, now);
  assert.ok(chain.endsWith(`${caPem}${rootPem}`));
  const [own, ca] = [new X509Certificate(chain), new X509Certificate(caPem)];
  assert.equal(own.issuer, 'O=Istio\nCN=Intermediate CA\nL=cluster1');
  assert.ok(own.checkIssued(ca) && own.verify(ca.publicKey));
});

test('An authority that openssl has made is found by those it signs: they call its key as it does itself', async () => {
  const client = new Tables();
  const files = {
    'ca-cert.pem': FOREIGN_CERTIFICATE,
    'ca-key.pem': FOREIGN_KEY,
    'root-cert.pem': FOREIGN_CERTIFICATE,
    'cert-chain.pem': FOREIGN_CERTIFICATE,
  };
  putAuthority(client, files);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = await loadAuthority(client, NAMESPACE, 0);
  const own = new X509Certificate(authority.sign(IDENTITY, publicKey, 0));
  assert.ok(own.checkIssued(new X509Certificate(FOREIGN_CERTIFICATE)));
});

test('cacerts without all of its parts stops istiod with a sentence', async () => {
  const client = new Tables();
  putAuthority(client, {});
  await assert.rejects(loadAuthority(client, NAMESPACE, 0), {
    message:
      'failed to create a plugged-in CA: cacerts needs ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem',
  });
});

test('A workload’s certificate is made when it is looked at, and renewed every twelve hours from its start on', async () => {
  const { now } = clockAtStart();
  const authority = await loadAuthority(new Tables(), NAMESPACE, now);
  const other = await loadAuthority(new Tables(), NAMESPACE, now);
  const certificate = new WorkloadCertificate({ name: IDENTITY }, now);
  certificate.trust(authority);
  certificate.trust(other);
  assert.equal(certificate.hash, undefined);
  const first = certificate.show(now + 11 * HOUR_MS, other);
  assert.equal(certificate.show(now + 11.9 * HOUR_MS, other), first);
  const second = certificate.show(now + 30 * HOUR_MS, other);
  assert.deepEqual(
    [first, second].map(
      (shown) =>
        shown && [
          shown.root === authority.root,
          (Date.parse(new X509Certificate(shown.chain).validTo) - now) / HOUR_MS,
        ],
    ),
    [
      [true, 24],
      [false, 48],
    ],
  );
  assert.equal(certificate.hash, second?.hash);
});

function clockAtStart(): { readonly now: number } {
  // Certificates have whole seconds.
  return { now: Math.floor(new FakeClock().now() / 1_000) * 1_000 };
}

function newKeys() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function part(oid: string, value: string): Buffer {
  return der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(value)));
}

function putAuthority(client: Tables, files: Readonly<Record<string, string>>): void {
  client.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'cacerts', namespace: NAMESPACE },
    data: Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
    ),
  });
}
