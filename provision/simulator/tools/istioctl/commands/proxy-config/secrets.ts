import { X509Certificate } from 'node:crypto';

import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError } from '../../cli/command.ts';
import { table } from '../../terminal/table.ts';

const PADDING = 5;
const HEAD = [
  'RESOURCE NAME',
  'TYPE',
  'STATUS',
  'VALID CERT',
  'SERIAL NUMBER',
  'NOT AFTER',
  'NOT BEFORE',
];
const SERIAL_DIGITS = 32;

/** The secrets of the dump's part: certificates of its own, and roots that it trusts; `isTyped` writes `secret/…`. */
export function secretTable(part: JsonObject, nowMs: number, isTyped = false): string {
  const warming = listAt(part, 'dynamic_warming_secrets');
  const active = listAt(part, 'dynamic_active_secrets');
  if (warming.length + active.length === 0) return 'No active or warming secrets found.\n';
  const secrets = [
    ...warming.map((entry) => secretOf(entry, 'WARMING', nowMs)),
    ...active.map((entry) => secretOf(entry, 'ACTIVE', nowMs)),
  ];
  const hasDomains = secrets.every(({ trustDomain }) => trustDomain !== '');
  const rows = secrets.map(({ name, cells, trustDomain }) => [
    `${isTyped ? 'secret/' : ''}${name}`,
    ...cells,
    ...(hasDomains ? [trustDomain] : []),
  ]);
  return table([hasDomains ? [...HEAD, 'TRUST DOMAIN'] : HEAD, ...rows], PADDING);
}

interface SecretRow {
  readonly name: string;
  readonly cells: readonly string[];
  /** Of the identity in the certificate; empty: none. */
  readonly trustDomain: string;
}

function secretOf(entry: Json, status: string, nowMs: number): SecretRow {
  const secret = objectAt(entry, 'secret');
  const name = textAt(entry, 'name') || textAt(secret, 'name');
  const chain = textAt(secret, 'tls_certificate', 'certificate_chain', 'inline_bytes');
  const roots = textAt(secret, 'validation_context', 'trusted_ca', 'inline_bytes');
  const certificate = certificateIn(chain || roots);
  if (!certificate) return { name, cells: ['', status, 'false', '', '', ''], trustDomain: '' };
  const { ca, validFromDate, validToDate, serialNumber, subjectAltName } = certificate;
  const isValid = validFromDate.getTime() < nowMs && nowMs < validToDate.getTime();
  return {
    name,
    cells: [
      ca ? 'CA' : 'Cert Chain',
      status,
      String(isValid),
      serialNumber.toLowerCase().padStart(SERIAL_DIGITS, '0'),
      toSeconds(validToDate),
      toSeconds(validFromDate),
    ],
    trustDomain: /URI:spiffe:\/\/([^/,]+)/.exec(subjectAltName ?? '')?.[1] ?? '',
  };
}

/** The first certificate of a PEM bundle in base64. */
function certificateIn(base64: string): X509Certificate | undefined {
  try {
    return base64 === '' ? undefined : new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    // Redacted, or not a certificate: shown as not valid.
    return undefined;
  }
}

function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * The roots that a proxy trusts, each as its fingerprint.
 * @throws CommandError when the dump's part has none
 */
export function rootFingerprints(part: JsonObject): readonly string[] {
  const entry = listAt(part, 'dynamic_active_secrets').find(
    (one) => textAt(one, 'name') === 'ROOTCA',
  );
  if (entry === undefined) throw new CommandError('cannot find ROOTCA from secret');
  const roots = textAt(entry, 'secret', 'validation_context', 'trusted_ca', 'inline_bytes');
  const pem = Buffer.from(roots, 'base64').toString();
  const found = pem.match(PEM) ?? [];
  if (found.length === 0) throw new CommandError(`failed to parse certificates: ${pem}`);
  return found.map((one) => new X509Certificate(one).fingerprint256);
}
