import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';

import { makeCertificate } from '../../../apiserver/pki/certificate.ts';
import { HttpHeaders } from '../../../net/http.ts';
import { addClientCertificate, certificateDetails } from './client-certificate.ts';

test('certificateDetails() says of a client’s certificate what Envoy puts into x-forwarded-client-cert', () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = makeCertificate({
    commonName: 'client.example.com',
    organizations: ['client organization'],
    publicKey: keys.publicKey,
    issuer: { commonName: 'example.com', ...keys },
    usage: 'client',
    subjectAltNames: ['client.example.com', '10.0.0.1'],
    notBeforeMs: 0,
    notAfterMs: 1_000,
  });
  const certificate = new X509Certificate(pem);
  const hash = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  assert.equal(
    certificateDetails(certificate),
    `Hash=${hash};Cert="${encodeURIComponent(pem)}";Subject="CN=client.example.com,O=client organization";URI=;DNS=client.example.com`,
  );
});

test('addClientCertificate() appends who called, with the hash of a certificate that exists or one that stays the same', () => {
  const own = 'spiffe://cluster.local/ns/foo/sa/httpbin';
  const identity = 'spiffe://cluster.local/ns/foo/sa/curl';
  const headers = new HttpHeaders([['x-forwarded-client-cert', 'Hash=00']]);
  addClientCertificate(headers, own, { identity, certificateHash: 'ab' });
  assert.equal(
    headers.get('x-forwarded-client-cert'),
    `Hash=00,By=${own};Hash=ab;Subject="";URI=${identity}`,
  );
  const [one, other] = [1, 2].map(() => {
    const made = new HttpHeaders();
    addClientCertificate(made, own, { identity });
    return made.get('x-forwarded-client-cert');
  });
  assert.match(one ?? '', /;Hash=[\da-f]{64};/);
  assert.equal(one, other);
});
