import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

import { type Issuer, makeCertificate } from '../../../apiserver/pki/certificate.ts';
import { type DerValue, extensionIn, partsOf, readDer } from '../../../apiserver/pki/der-read.ts';
import * as der from '../../../apiserver/pki/der.ts';
import { newKeys, pkcs8Pem } from '../../../apiserver/pki/keys.ts';
import { isAlreadyExists } from '../../../client/api-error.ts';
import type { ClusterClient } from '../../../client/client.ts';
import { secrets } from '../../../kinds/resources.ts';

const ROOT_LIFE_MS = 10 * 365 * 24 * 3_600_000;
/** Workload certificates hold for a day (DEFAULT_WORKLOAD_CERT_TTL), and from a little before they are made. */
const WORKLOAD_LIFE_MS = 24 * 3_600_000;
const BACKDATE_MS = 2 * 60_000;

/** Who signs a mesh's workloads. */
export interface Authority {
  /** What proxies trust, as PEM; also in ConfigMap istio-ca-root-cert. */
  readonly root: string;
  /** The certificate of a workload and those between it and the root, as PEM. */
  readonly sign: (identity: string, publicKey: KeyObject, fromMs: number) => string;
}

/**
 * The authority as istiod finds it when it starts: that of Secret `cacerts`, which an operator has put there
 * (https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/), else its own in `istio-ca-secret`, which it makes
 * when there is none; of several replicas one does.
 * @throws Error when `cacerts` is there and cannot be used
 */
export async function loadAuthority(
  client: ClusterClient,
  namespace: string,
  nowMs: number,
): Promise<Authority> {
  const plugged = dataOf(client, 'cacerts', namespace);
  if (plugged) {
    const material = {
      certificate: plugged('ca-cert.pem'),
      key: plugged('ca-key.pem'),
      root: plugged('root-cert.pem'),
      chain: plugged('cert-chain.pem'),
    };
    if (Object.values(material).includes('')) {
      throw new Error(
        'failed to create a plugged-in CA: cacerts needs ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem',
      );
    }
    return authorityOf(material);
  }
  const own = dataOf(client, OWN, namespace) ?? (await create(client, namespace, nowMs));
  const certificate = own('ca-cert.pem');
  return authorityOf({ certificate, key: own('ca-key.pem'), root: certificate, chain: '' });
}

const OWN = 'istio-ca-secret';

type Data = (key: string) => string;

function dataOf(client: ClusterClient, name: string, namespace: string): Data | undefined {
  const data = client.get(secrets, name, namespace)?.data;
  return data && ((key) => Buffer.from(data[key] ?? '', 'base64').toString());
}

async function create(client: ClusterClient, namespace: string, nowMs: number): Promise<Data> {
  const { certificate, key } = makeRoot(nowMs);
  const made = { 'ca-cert.pem': certificate, 'ca-key.pem': key };
  try {
    await client.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: OWN, namespace },
      type: 'istio.io/ca-root',
      data: Object.fromEntries(
        Object.entries(made).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
      ),
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
  return (
    dataOf(client, OWN, namespace) ?? ((name) => new Map(Object.entries(made)).get(name) ?? '')
  );
}

/** A self-signed root of ten years, as istiod makes one for itself. */
function makeRoot(nowMs: number): { readonly certificate: string; readonly key: string } {
  const { privateKey, publicKey } = newKeys();
  const rawName = der.sequence(
    der.set(der.sequence(der.objectIdentifier(ORGANIZATION), der.utf8String('cluster.local'))),
  );
  const certificate = makeCertificate({
    commonName: '',
    rawSubject: rawName,
    publicKey,
    issuer: { commonName: '', rawName, privateKey, publicKey },
    usage: 'authority',
    notBeforeMs: nowMs,
    notAfterMs: nowMs + ROOT_LIFE_MS,
  });
  return { certificate, key: pkcs8Pem(privateKey) };
}

const ORGANIZATION = '2.5.4.10';
const URI_TAG = 0x86;

interface Material {
  readonly certificate: string;
  readonly key: string;
  readonly root: string;
  /** Certificates from the authority's own to below the root. */
  readonly chain: string;
}

/** Keys are read when the first certificate is asked for. */
function authorityOf({ certificate, key, root, chain }: Material): Authority {
  let issuer: Issuer | undefined;
  return {
    root,
    sign: (identity, publicKey, fromMs) => {
      issuer ??= issuerOf(certificate, key);
      const own = makeCertificate({
        commonName: '',
        rawSubject: der.sequence(),
        publicKey,
        issuer,
        usage: 'workload',
        rawAltNames: der.sequence(der.tagged(URI_TAG, Buffer.from(identity, 'ascii'))),
        notBeforeMs: fromMs - BACKDATE_MS,
        notAfterMs: fromMs + WORKLOAD_LIFE_MS,
      });
      return `${own}${chain}`;
    },
  };
}

/** The name that an authority signs under is that of its own certificate, to the byte. */
function issuerOf(certificate: string, key: string): Issuer {
  const privateKey = createPrivateKey(key);
  const [body] = partsOf(readDer(new X509Certificate(certificate).raw));
  const subject = body && partsOf(body)[SUBJECT_INDEX];
  const keyId = body && keyIdIn(body);
  return {
    commonName: '',
    ...(subject && { rawName: subject.bytes }),
    ...(keyId && { keyId }),
    privateKey,
    publicKey: createPublicKey(privateKey),
  };
}

/** What those whom it signs have to call its key, or nobody finds it: tools make the identifier in several ways. */
function keyIdIn(body: DerValue): Uint8Array | undefined {
  const extensions = partsOf(body)
    .filter(({ tag }) => tag === EXTENSIONS_TAG)
    .flatMap(partsOf)
    .flatMap(partsOf);
  const value = extensionIn(extensions, KEY_IDENTIFIER);
  return value && readDer(value.content).content;
}

const EXTENSIONS_TAG = 0xa3;
const KEY_IDENTIFIER = '2.5.29.14';

/** Version, serial, algorithm, issuer and validity come before it (RFC 5280, TBSCertificate). */
const SUBJECT_INDEX = 5;
