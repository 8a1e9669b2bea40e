/** Certificate signing requests (PKCS #10, RFC 2986) in PEM. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';

import { bitsOf, dottedOf, extensionIn, partsOf, readDer, type DerValue } from './der-read.ts';

/** What a request asks for. */
export interface CertificateRequest {
  /** The subject as it is encoded, for the certificate. */
  readonly subject: Buffer;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly publicKey: KeyObject;
  /** The extension subjectAltName as it is encoded, and which kinds of names are in it. */
  readonly altNames:
    | { readonly bytes: Buffer; readonly types: ReadonlySet<'DNS' | 'Email' | 'IP' | 'URI'> }
    | undefined;
  /** Whether whoever made the request has the key. */
  readonly isSigned: boolean;
}

/** Text that is no request; the message is what upstream says of it. */
export class CertificateRequestError extends Error {}

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectAltName: '2.5.29.17',
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;
/** Hashes by signature algorithm; Ed25519 has its own. */
const HASHES: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
};
const ALT_NAME_TYPES = { 0x81: 'Email', 0x82: 'DNS', 0x86: 'URI', 0x87: 'IP' } as const;
const TAG = { attributes: 0xa0, sequence: 0x30 } as const;

/**
 * Reads a request from the base64 text of `spec.request`.
 * @throws CertificateRequestError
 */
export function readCertificateRequest(base64: string): CertificateRequest {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const body =
    /-----BEGIN CERTIFICATE REQUEST-----\s([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(
      pem,
    )?.[1];
  if (body === undefined) {
    throw new CertificateRequestError('PEM block type must be CERTIFICATE REQUEST');
  }
  try {
    return read(Buffer.from(body, 'base64'));
  } catch (cause) {
    throw new CertificateRequestError('asn1: structure error: malformed certificate request', {
      cause,
    });
  }
}

function read(bytes: Buffer): CertificateRequest {
  const [info, algorithm, signature] = partsOf(readDer(bytes));
  if (info?.tag !== TAG.sequence || !algorithm || !signature)
    throw new RangeError('not three parts');
  const [, subject, key, attributes] = partsOf(info);
  if (!subject || !key) throw new RangeError('no subject or key');
  const publicKey = createPublicKey({ key: key.bytes, format: 'der', type: 'spki' });
  const names = partsOf(subject).flatMap(partsOf).map(partsOf);
  const valuesOf = (oid: string) =>
    names.flatMap(([type, value]) =>
      type && value && dottedOf(type) === oid ? [value.content.toString('utf8')] : [],
    );
  const [oid] = partsOf(algorithm);
  return {
    subject: subject.bytes,
    commonName: valuesOf(OID.commonName).at(-1) ?? '',
    organizations: valuesOf(OID.organization),
    publicKey,
    altNames: attributes?.tag === TAG.attributes ? altNamesOf(attributes) : undefined,
    isSigned: oid !== undefined && isSignedBy(publicKey, { info, oid, signature }),
  };
}

function isSignedBy(
  publicKey: KeyObject,
  parts: { readonly info: DerValue; readonly oid: DerValue; readonly signature: DerValue },
): boolean {
  const hash = HASHES[dottedOf(parts.oid)];
  return hash !== undefined && verify(hash, parts.info.bytes, publicKey, bitsOf(parts.signature));
}

function altNamesOf(attributes: DerValue): CertificateRequest['altNames'] {
  const extensions = partsOf(attributes)
    .map(partsOf)
    .filter(([type]) => type && dottedOf(type) === OID.extensionRequest)
    .flatMap(([, values]) => (values ? partsOf(values).flatMap(partsOf) : []));
  const value = extensionIn(extensions, OID.subjectAltName);
  if (!value) return undefined;
  const tags = partsOf(readDer(value.content)).map(({ tag }) => tag);
  const types = Object.entries(ALT_NAME_TYPES).filter(([tag]) => tags.includes(Number(tag)));
  return { bytes: value.content, types: new Set(types.map(([, name]) => name)) };
}
