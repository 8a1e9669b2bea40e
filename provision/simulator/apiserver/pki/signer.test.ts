import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import type { Resource } from '../../client/client.ts';
import type { GenericObject } from '../../kinds/object.ts';
import { Caller } from '../fake-caller.ts';
import { listen, startForTest } from '../fake-surroundings.ts';
import { at, listAt, stringAt } from '../objects/json.ts';
import * as der from './der.ts';

const requests: Resource<GenericObject> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  plural: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  isNamespaced: false,
};
const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

interface Subject {
  readonly commonName: string;
  readonly organization: string;
}

function namePart(oid: string, text: string): Buffer {
  return der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)));
}

/** A request as openssl makes it (RFC 2986), signed by `key` or, for a forged one, by another. */
function pkcs10({ commonName, organization }: Subject, key: KeyObject, signer = key): string {
  const { publicKey } = keysOf(key);
  const info = der.sequence(
    der.integer(Buffer.from([0])),
    der.sequence(namePart('2.5.4.10', organization), namePart('2.5.4.3', commonName)),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(0xa0, Buffer.alloc(0)),
  );
  const algorithm = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  const bytes = der.sequence(info, algorithm, der.bitString(sign('sha256', info, signer)));
  const body = bytes.toString('base64').replaceAll(/.{64}/g, '$&\n');
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----\n`;
  return Buffer.from(pem).toString('base64');
}

const publicKeys = new Map<KeyObject, KeyObject>();

function newKey(): KeyObject {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  publicKeys.set(privateKey, publicKey);
  return privateKey;
}

function keysOf(key: KeyObject): { readonly publicKey: KeyObject } {
  const publicKey = publicKeys.get(key);
  assert.ok(publicKey);
  return { publicKey };
}

function requestFor(name: string, request: string, spec: object = {}) {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request,
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      ...spec,
    },
  };
}

/** The condition that a signer adds; it does so some turns after the approval. */
async function verdict(read: () => object | undefined): Promise<unknown> {
  for (let turn = 0; turn < 100; turn++) {
    const [, added] = listAt(read(), 'status', 'conditions');
    if (added !== undefined) return added;
    await setImmediate();
  }
  return undefined;
}

const APPROVED = { type: 'Approved', status: 'True', reason: 'Test', message: 'fine' };

test('an approved request becomes a certificate that the API server knows as user and group', async () => {
  const { api: started, clock } = await startForTest();
  await using api = started;
  await using server = await listen(api);
  const admin = new Caller(api, server.port);
  const key = newKey();
  const subject = { commonName: 'jane', organization: 'dev' };
  const body = requestFor('jane', pkcs10(subject, key));
  const { json: made } = await admin.call('POST', PATH, body);
  assert.deepEqual(
    [stringAt(made, 'spec', 'username'), listAt(made, 'spec', 'groups')],
    ['kubernetes-admin', ['kubeadm:cluster-admins', 'system:authenticated']],
  );
  await admin.call('PUT', `${PATH}/jane/approval`, { ...body, status: { conditions: [APPROVED] } });
  const { json: issued } = await admin.call('GET', `${PATH}/jane`);
  const pem = Buffer.from(stringAt(issued, 'status', 'certificate') ?? '', 'base64').toString();
  const certificate = new X509Certificate(pem);
  const now = clock.now();
  assert.deepEqual(
    [
      certificate.subject,
      certificate.checkIssued(new X509Certificate(api.caCertificate)),
      certificate.keyUsage,
      Date.parse(certificate.validTo) - now,
    ],
    ['O=dev\nCN=jane', true, ['1.3.6.1.5.5.7.3.2'], 365 * 24 * 3_600_000],
  );
  const credentials = {
    cert: pem,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const reviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const { json: self } = await new Caller(api, server.port, credentials).call(
    'POST',
    reviews,
    review,
  );
  assert.deepEqual(
    [at(self, 'status', 'userInfo', 'username'), at(self, 'status', 'userInfo', 'groups')],
    ['jane', ['dev', 'system:authenticated']],
  );
});

test('a request that its sender cannot have signed, or for another use, fails; one for masters is refused', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  const settled = async (name: string, request: string, spec = {}) => {
    const made = await client.create(requests, requestFor(name, request, spec));
    await client.update(
      requests,
      { ...made, status: { conditions: [APPROVED] } },
      { subresource: 'status' },
    );
    const failure = await verdict(() => client.get(requests, name));
    return `${stringAt(failure, 'type')}: ${stringAt(failure, 'message')}`;
  };
  const key = newKey();
  const jane = { commonName: 'jane', organization: 'dev' };
  const usages = ['digital signature', 'client auth'];
  assert.deepEqual(
    [
      await settled('forged', pkcs10(jane, key, newKey())),
      await settled('server', pkcs10(jane, key), { usages: ['server auth'] }),
      await settled('node', pkcs10(jane, key), {
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages,
      }),
    ],
    [
      'Failed: unable to verify certificate request signature: x509: signature does not match',
      'Failed: invalid usage for client certificate: server auth',
      'Failed: subject organization is not system:nodes',
    ],
  );
  const root = pkcs10({ commonName: 'root', organization: 'system:masters' }, key);
  await assert.rejects(client.create(requests, requestFor('root', root)), {
    code: 403,
    message:
      'certificatesigningrequests.certificates.k8s.io "root" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  });
  await assert.rejects(client.create(requests, requestFor('junk', 'bm9uc2Vuc2U=')), {
    code: 422,
    message:
      'CertificateSigningRequest.certificates.k8s.io "junk" is invalid: spec.request: Invalid value: "bm9uc2Vuc2U=": PEM block type must be CERTIFICATE REQUEST',
  });
});
