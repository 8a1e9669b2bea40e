/** Where others learn to check tokens of this cluster (Kubernetes documentation, "Service account issuer discovery"). */
import type { JsonObject } from '../../../kinds/object.ts';
import { ISSUER, publicKeys } from '../../pki/tokens.ts';
import { sendJsonText, sendPageNotFound, type Exchange } from '../exchange.ts';

/** Paths of the issuer's documents. */
export const ISSUER_PATHS = ['/.well-known/openid-configuration', '/openid/v1/jwks'] as const;

/** Sends the document of a path, or says that there is no such page. */
export function sendIssuer({ context, response, path }: Exchange): void {
  const [configuration, keys] = ISSUER_PATHS;
  const plain = path.replace(/\/$/, '');
  if (plain === configuration) {
    sendJsonText(response, 200, JSON.stringify(CONFIGURATION));
  } else if (plain === keys) {
    const text = JSON.stringify({ keys: publicKeys(context.pki) });
    sendJsonText(response, 200, text, 'application/jwk-set+json');
  } else sendPageNotFound(response);
}

const CONFIGURATION: JsonObject = {
  issuer: ISSUER,
  jwks_uri: 'https://172.30.1.2:6443/openid/v1/jwks',
  response_types_supported: ['id_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
};
