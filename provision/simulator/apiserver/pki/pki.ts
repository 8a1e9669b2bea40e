import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import type { JsonObject } from '../../kinds/object.ts';
import { stringAt } from '../objects/json.ts';
import { makeCertificate, type Issuer } from './certificate.ts';
import type { KeyPair } from './keys.ts';

/** A cluster's keys and certificates, all PEM (Kubernetes documentation, "PKI certificates and requirements"). */
export interface Pki {
  readonly caCertificate: string;
  readonly caKey: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly adminCertificate: string;
  readonly adminKey: string;
  /** Signs service account tokens. */
  readonly serviceAccountKey: string;
}

const DAY_MS = 24 * 3600 * 1000;
const CA_LIFE_MS = 3650 * DAY_MS;
const CERTIFICATE_LIFE_MS = 365 * DAY_MS;
/** A learner's clock may be a little behind. */
const SKEW_MS = 300_000;
/** Names under which learners, pods and the host reach the API server. */
const SERVER_NAMES = [
  'controlplane',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  'localhost',
  '10.96.0.1',
  '172.30.1.2',
  '127.0.0.1',
];
const CA_NAME = 'kubernetes';
/** User and group of the kubeconfig that kubeadm writes. */
export const ADMIN = { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins'] } as const;

const generate = promisify(generateKeyPair);

/** Makes the keys and certificates of a new cluster; some milliseconds, off the main thread. */
export async function createPki(nowMs: number): Promise<Pki> {
  const [ca, server, admin, serviceAccount] = await Promise.all([
    newKey(),
    newKey(),
    newKey(),
    newKey(),
  ]);
  const issuer = { commonName: CA_NAME, ...ca };
  const notBeforeMs = nowMs - SKEW_MS;
  return {
    caCertificate: makeCertificate({
      commonName: CA_NAME,
      publicKey: ca.publicKey,
      issuer,
      usage: 'authority',
      notBeforeMs,
      notAfterMs: nowMs + CA_LIFE_MS,
    }),
    caKey: keyPem(ca.privateKey),
    serverCertificate: makeCertificate({
      commonName: 'kube-apiserver',
      publicKey: server.publicKey,
      issuer,
      usage: 'server',
      subjectAltNames: SERVER_NAMES,
      notBeforeMs,
      notAfterMs: nowMs + CERTIFICATE_LIFE_MS,
    }),
    serverKey: keyPem(server.privateKey),
    adminCertificate: makeCertificate({
      commonName: ADMIN.name,
      organizations: ADMIN.groups,
      publicKey: admin.publicKey,
      issuer,
      usage: 'client',
      notBeforeMs,
      notAfterMs: nowMs + CERTIFICATE_LIFE_MS,
    }),
    adminKey: keyPem(admin.privateKey),
    serviceAccountKey: keyPem(serviceAccount.privateKey),
  };
}

/** The cluster's authority, to sign with. */
export function clusterIssuer({ caKey }: Pki): Issuer {
  return {
    commonName: CA_NAME,
    privateKey: createPrivateKey(caKey),
    publicKey: createPublicKey(caKey),
  };
}

/**
 * Reads what `JSON.stringify` made of a Pki.
 * @throws TypeError when a part is missing
 */
export function readPki(value: JsonObject): Pki {
  const read = (key: keyof Pki) => {
    const text = stringAt(value, key);
    if (text === undefined)
      throw new TypeError(`Cannot read the cluster's keys: ${key} is missing`);
    return text;
  };
  return {
    caCertificate: read('caCertificate'),
    caKey: read('caKey'),
    serverCertificate: read('serverCertificate'),
    serverKey: read('serverKey'),
    adminCertificate: read('adminCertificate'),
    adminKey: read('adminKey'),
    serviceAccountKey: read('serviceAccountKey'),
  };
}

function newKey(): Promise<KeyPair> {
  return generate('ec', { namedCurve: 'P-256' });
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString();
}
