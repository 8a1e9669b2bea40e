import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';

import { createPki } from './pki.ts';
import { readToken, signToken } from './tokens.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

test('createPki() makes a server and an administrator certificate that its authority signed', async () => {
  const pki = await createPki(NOW_MS);
  const ca = new X509Certificate(pki.caCertificate);
  const server = new X509Certificate(pki.serverCertificate);
  const admin = new X509Certificate(pki.adminCertificate);
  assert.deepEqual(
    {
      isAuthority: ca.ca,
      isSelfSigned: ca.verify(ca.publicKey),
      server: server.verify(ca.publicKey) && server.checkIssued(ca),
      addresses: ['172.30.1.2', '10.96.0.1', '127.0.0.1'].map((ip) => server.checkIP(ip)),
      names: ['kubernetes.default.svc', 'localhost'].map((name) => server.checkHost(name)),
      admin: admin.verify(ca.publicKey) && admin.checkIssued(ca),
      subject: admin.subject,
      until: server.validTo,
    },
    {
      isAuthority: true,
      isSelfSigned: true,
      server: true,
      addresses: ['172.30.1.2', '10.96.0.1', '127.0.0.1'],
      names: ['kubernetes.default.svc', 'localhost'],
      admin: true,
      subject: 'O=kubeadm:cluster-admins\nCN=kubernetes-admin',
      until: 'Jan  1 00:00:00 2027 GMT',
    },
  );
});

test('readToken() knows whom signToken() meant, until the token expires or for another cluster', async () => {
  const pki = await createPki(NOW_MS);
  const pod = { name: 'web-1', uid: 'p1' };
  const subject = { namespace: 'default', name: 'web', uid: 'u1', pod };
  const issuedAt = NOW_MS / 1000;
  const token = signToken(pki, {
    subject,
    audiences: ['vault'],
    id: 'one',
    issuedAt,
    expiresAt: issuedAt + 600,
  });
  assert.deepEqual(readToken(pki, token, NOW_MS), {
    type: 'good',
    subject,
    audiences: ['vault'],
    id: 'one',
  });
  assert.deepEqual(readToken(pki, token, NOW_MS + 600_000), {
    type: 'bad',
    why: 'service account token has expired',
  });
  const nobody = { type: 'bad', why: '' };
  assert.deepEqual(readToken(await createPki(NOW_MS), token, NOW_MS), nobody);
  assert.deepEqual(readToken(pki, 'not.a.token', NOW_MS), nobody);
});
