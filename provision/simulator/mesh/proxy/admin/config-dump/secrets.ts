import type { JsonObject } from '../../../../kinds/object.ts';
import { typed } from './json.ts';

/** A certificate that a proxy shows, or roots that it trusts. */
export type ProxySecret =
  | { readonly name: string; readonly type: 'certificate'; readonly chainPem: string }
  | { readonly name: string; readonly type: 'roots'; readonly pem: string };

const REDACTED = Buffer.from('[redacted]').toString('base64');

/** One entry of the dump's part for secrets; private keys are never shown. */
export function secretJson(secret: ProxySecret, updated: string): JsonObject {
  const { name } = secret;
  const content =
    secret.type === 'certificate'
      ? {
          tls_certificate: {
            certificate_chain: inline(secret.chainPem),
            private_key: { inline_bytes: REDACTED },
          },
        }
      : { validation_context: { trusted_ca: inline(secret.pem) } };
  return {
    name,
    version_info: '',
    last_updated: updated,
    secret: typed('envoy.extensions.transport_sockets.tls.v3.Secret', { name, ...content }),
  };
}

function inline(pem: string): JsonObject {
  return { inline_bytes: Buffer.from(pem).toString('base64') };
}
