/** X.509 certificates (RFC 5280) signed with ECDSA or RSA, and SHA-256. Keys and signatures are Node's. */
import { randomBytes, sign, createHash, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

import * as der from './der.ts';

/** Who signs certificates. */
export interface Issuer {
  readonly commonName: string;
  /** Its whole name in DER, as its own certificate has it; default: the common name alone. */
  readonly rawName?: Uint8Array;
  /** Its subjectKeyIdentifier, as its own certificate has it; default: as this file makes it. */
  readonly keyId?: Uint8Array;
  /** Of an elliptic curve, or RSA. */
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What a certificate says. */
export interface CertificateOptions {
  readonly commonName: string;
  /** Groups of a Kubernetes user. */
  readonly organizations?: readonly string[];
  /** The subject in DER, as a request has it, instead of `commonName` and `organizations`. */
  readonly rawSubject?: Uint8Array;
  readonly publicKey: KeyObject;
  readonly issuer: Issuer;
  /** A workload of a mesh is server and client, and its name is in the alternative names alone. */
  readonly usage: 'authority' | 'server' | 'client' | 'workload';
  /** DNS names and IPv4 addresses. */
  readonly subjectAltNames?: readonly string[];
  /** The extension subjectAltName in DER, as a request has it, instead of `subjectAltNames`. */
  readonly rawAltNames?: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;
const ELLIPTIC = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
const RSA = der.sequence(der.objectIdentifier(OID.sha256WithRsa), Buffer.from([0x05, 0x00]));
const SERIAL_BYTES = 8;
const NO_BYTES = Buffer.alloc(0);

/** A signed certificate, as PEM. */
export function makeCertificate(options: CertificateOptions): string {
  const { issuer } = options;
  const algorithm = issuer.privateKey.asymmetricKeyType === 'rsa' ? RSA : ELLIPTIC;
  const body = der.sequence(
    der.tagged(0xa0, der.integer(Buffer.from([2]))),
    der.integer(positive(randomBytes(SERIAL_BYTES))),
    algorithm,
    issuer.rawName ?? name(issuer.commonName),
    der.sequence(der.time(options.notBeforeMs), der.time(options.notAfterMs)),
    options.rawSubject ?? name(options.commonName, options.organizations),
    spki(options.publicKey),
    der.tagged(0xa3, der.sequence(...extensions(options))),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  return pem('CERTIFICATE', der.sequence(body, algorithm, der.bitString(signature)));
}

/** Bytes in the text form of RFC 7468. */
function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function name(commonName: string, organizations: readonly string[] = []): Buffer {
  return der.sequence(
    ...organizations.map((organization) => namePart(OID.organization, organization)),
    namePart(OID.commonName, commonName),
  );
}

function namePart(oid: string, value: string): Buffer {
  return der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(value)));
}

function extensions(options: CertificateOptions): readonly Buffer[] {
  const isAuthority = options.usage === 'authority';
  // Bits from the left: digitalSignature 0, keyEncipherment 2, keyCertSign 5.
  const usage = isAuthority
    ? der.bitString(Buffer.from([0xa4]), 2)
    : der.bitString(Buffer.from([0xa0]), 5);
  const names = options.subjectAltNames ?? [];
  const extendedUsages = {
    authority: [],
    server: [OID.serverAuth],
    client: [OID.clientAuth],
    workload: [OID.serverAuth, OID.clientAuth],
  }[options.usage].map(der.objectIdentifier);
  return [
    extension(OID.keyUsage, usage, true),
    ...(isAuthority ? [] : [extension(OID.extendedKeyUsage, der.sequence(...extendedUsages))]),
    extension(
      OID.basicConstraints,
      isAuthority ? der.sequence(der.boolean(true)) : der.sequence(),
      true,
    ),
    ...(isAuthority
      ? [extension(OID.subjectKeyIdentifier, der.octetString(keyId(options.publicKey)))]
      : []),
    extension(
      OID.authorityKeyIdentifier,
      der.sequence(der.tagged(0x80, options.issuer.keyId ?? keyId(options.issuer.publicKey))),
    ),
    ...(options.rawAltNames
      ? [extension(OID.subjectAltName, options.rawAltNames, options.usage === 'workload')]
      : []),
    ...(names.length > 0
      ? [extension(OID.subjectAltName, der.sequence(...names.map(generalName)))]
      : []),
  ];
}

function extension(oid: string, value: Uint8Array, isCritical = false): Buffer {
  return der.sequence(
    der.objectIdentifier(oid),
    isCritical ? der.boolean(true) : NO_BYTES,
    der.octetString(value),
  );
}

function generalName(text: string): Buffer {
  return isIPv4(text)
    ? der.tagged(0x87, Buffer.from(text.split('.').map(Number)))
    : der.tagged(0x82, Buffer.from(text, 'ascii'));
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spki(key)).digest();
}

function positive(bytes: Buffer): Buffer {
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
