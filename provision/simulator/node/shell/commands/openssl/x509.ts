import type { X509Certificate } from 'node:crypto';

import type { ToolContext, ToolResult } from '../../../../programs/program.ts';
import { output, refusal } from '../answer.ts';
import { certificatesIn, distinguishedName } from './names.ts';

const WITH_VALUE: ReadonlySet<string> = new Set(['-in', '-ext', '-checkend', '-inform', '-out']);
const UNKNOWN = /^-(req|CA|CAkey|signkey|days|set_serial|extfile|new)$/;

/** `openssl x509`: shows a certificate that is in a file or comes on standard input (openssl-x509(1ssl)). */
export function x509(args: readonly string[], context: ToolContext): ToolResult {
  const values = new Map<string, string>();
  const flags: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (UNKNOWN.test(arg)) {
      return refusal(`openssl: the simulator's x509 shows certificates and makes none (${arg})`);
    }
    if (WITH_VALUE.has(arg)) values.set(arg, args[++index] ?? '');
    flags.push(arg);
  }
  const path = values.get('-in');
  const text =
    path === undefined ? Buffer.from(context.stdin).toString() : context.files.readText(path);
  if (text === undefined) {
    return refusal(`Can't open "${path}" for reading, No such file or directory`);
  }
  const [certificate] = certificatesIn(text);
  if (!certificate) {
    return refusal(
      `Could not read certificate from ${path ?? '<stdin>'}\nUnable to load certificate`,
    );
  }
  return show(certificate, { flags, values, nowMs: context.clock.now() });
}

interface Asked {
  readonly flags: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

function show(certificate: X509Certificate, { flags, values, nowMs }: Asked): ToolResult {
  const parts = flags.map((flag) => partOf(flag, certificate, values.get('-ext') ?? ''));
  const isShown = !flags.includes('-noout');
  let text = `${parts.join('')}${isShown ? certificate.toString() : ''}`;
  let exitCode = 0;
  const seconds = values.get('-checkend');
  if (seconds !== undefined) {
    const isOver = Date.parse(certificate.validTo) < nowMs + Number(seconds) * 1_000;
    text += isOver ? 'Certificate will expire\n' : 'Certificate will not expire\n';
    exitCode = isOver ? 1 : 0;
  }
  return output(text, exitCode);
}

function partOf(flag: string, certificate: X509Certificate, extensions: string): string {
  switch (flag) {
    case '-text':
      return certificateText(certificate);
    case '-subject':
      return `subject=${distinguishedName(certificate.subject)}\n`;
    case '-issuer':
      return `issuer=${distinguishedName(certificate.issuer)}\n`;
    case '-serial':
      return `serial=${certificate.serialNumber}\n`;
    case '-startdate':
      return `notBefore=${certificate.validFrom}\n`;
    case '-enddate':
      return `notAfter=${certificate.validTo}\n`;
    case '-dates':
      return `notBefore=${certificate.validFrom}\nnotAfter=${certificate.validTo}\n`;
    case '-fingerprint':
      return `SHA1 Fingerprint=${certificate.fingerprint}\n`;
    case '-ext':
      return extensions.includes('subjectAltName') ? altNamesText(certificate, '') : '';
    default:
      return '';
  }
}

function certificateText(certificate: X509Certificate): string {
  const { publicKey } = certificate;
  const isRsa = publicKey.asymmetricKeyType === 'rsa';
  const bits = isRsa ? (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) : 256;
  const algorithm = certificate.signatureAlgorithm ?? 'unknown';
  const pad = ' '.repeat(8);
  return [
    'Certificate:',
    '    Data:',
    `${pad}Version: 3 (0x2)`,
    `${pad}Serial Number:`,
    `${pad}    ${(certificate.serialNumber.match(/../g) ?? []).join(':').toLowerCase()}`,
    `${pad}Signature Algorithm: ${algorithm}`,
    `${pad}Issuer: ${distinguishedName(certificate.issuer)}`,
    `${pad}Validity`,
    `${pad}    Not Before: ${certificate.validFrom}`,
    `${pad}    Not After : ${certificate.validTo}`,
    `${pad}Subject: ${distinguishedName(certificate.subject)}`,
    `${pad}Subject Public Key Info:`,
    `${pad}    Public Key Algorithm: ${isRsa ? 'rsaEncryption' : 'id-ecPublicKey'}`,
    `${pad}        Public-Key: (${bits} bit)`,
    `${pad}X509v3 extensions:`,
    `${pad}    X509v3 Basic Constraints: critical`,
    `${pad}        CA:${certificate.ca ? 'TRUE' : 'FALSE'}`,
    `${altNamesText(certificate, `${pad}    `)}    Signature Algorithm: ${algorithm}`,
    '',
  ].join('\n');
}

function altNamesText({ subject, subjectAltName }: X509Certificate, indent: string): string {
  if (subjectAltName === undefined) return '';
  // A certificate without a subject is known by its names alone.
  const critical = subject === '' ? ' critical' : '';
  return `${indent}X509v3 Subject Alternative Name:${critical}\n${indent}    ${subjectAltName}\n`;
}
