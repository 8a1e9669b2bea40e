import { X509Certificate } from 'node:crypto';

import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';

/** The secrets of the dump's part: the proxy's own certificate, and the roots it trusts. */
export function secretRows(part: JsonObject, nowMs: number): readonly (readonly string[])[] {
  const active = listAt(part, 'dynamic_active_secrets').flatMap((entry) =>
    secretRow(objectAt(entry, 'secret'), 'ACTIVE', nowMs),
  );
  const warming = listAt(part, 'dynamic_warming_secrets').flatMap((entry) =>
    secretRow(objectAt(entry, 'secret'), 'WARMING', nowMs),
  );
  return [
    ['RESOURCE NAME', 'TYPE', 'STATUS', 'VALID CERT', 'SERIAL NUMBER', 'NOT AFTER', 'NOT BEFORE'],
    ...active,
    ...warming,
  ];
}

function secretRow(secret: Json, status: string, nowMs: number): readonly (readonly string[])[] {
  const name = textAt(secret, 'name');
  const chain = textAt(secret, 'tls_certificate', 'certificate_chain', 'inline_bytes');
  const roots = textAt(secret, 'validation_context', 'trusted_ca', 'inline_bytes');
  const certificate = certificateIn(chain || roots);
  const type = chain === '' ? 'CA' : 'Cert Chain';
  if (!certificate) return [[name, type, status, 'false', '', '', '']];
  const { validFromDate, validToDate, serialNumber } = certificate;
  const isValid = validFromDate.getTime() <= nowMs && nowMs < validToDate.getTime();
  return [
    [
      name,
      type,
      status,
      String(isValid),
      serialNumber.toLowerCase(),
      toSeconds(validToDate),
      toSeconds(validFromDate),
    ],
  ];
}

/** The first certificate of a PEM bundle in base64. */
function certificateIn(base64: string): X509Certificate | undefined {
  try {
    return base64 === '' ? undefined : new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

function toSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
