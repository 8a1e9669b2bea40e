/** Sets of keys of tokens (RFC 7517), as istiod's library reads them. */
import { goJsonError } from '../../../apiserver/http/requests/go-json-error.ts';
import { isList, isObject, jsonIn, stringAt } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import type { Findings } from './findings.ts';
import { JWKS_LIMIT_DEPTH } from './limits.ts';

/** What a key of each type needs, in the order in which it is missed, and its type in istiod's library. */
const KEY_TYPES: Readonly<
  Record<string, { readonly type: string; readonly fields: readonly string[] }>
> = {
  RSA: { type: 'rsa', fields: ['e', 'n'] },
  EC: { type: 'ecdsa', fields: ['crv', 'x', 'y'] },
  OKP: { type: 'okp', fields: ['crv', 'x'] },
  oct: { type: 'symmetric', fields: ['k'] },
};

/** Keys written into a rule: a set of JSON Web Keys (RFC 7517). */
export function checkJwks(found: Findings, text: string): void {
  if (text === '') return;
  if (depthOf(text) > JWKS_LIMIT_DEPTH) {
    found.listedError('jwks parse error: failed to unmarshal JWK set: exceeded max depth');
    return;
  }
  const set = jsonIn(text);
  if (set === undefined) {
    found.listedError(
      `jwks parse error: failed to unmarshal JWK set: ${goJsonError(Buffer.from(text))}`,
    );
    return;
  }
  const keys = isObject(set) ? set['keys'] : undefined;
  const list = isList(keys) ? keys : [set];
  const problem = list
    .map((key, index) => {
      const wrong = keyProblem(key);
      if (wrong === undefined) return undefined;
      return isList(keys)
        ? `failed to decode key #${index} in "keys": ${wrong}`
        : `failed to parse sole key in key set: ${wrong}`;
    })
    .find((wrong) => wrong !== undefined);
  if (problem !== undefined) {
    found.listedError(`jwks parse error: failed to unmarshal JWK set: ${problem}`);
    return;
  }
  for (const [index, key] of list.entries()) {
    found.warningIf(
      isPrivate(key),
      `jwks key at index ${index} contains private key material; only public keys are used for verification`,
    );
  }
}

/** How many brackets are open at most, those in texts as well. */
function depthOf(text: string): number {
  let [open, deepest] = [0, 0];
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, open);
  }
  return deepest;
}

function keyProblem(key: Json): string | undefined {
  const kind = stringAt(key, 'kty');
  const known = Object.hasOwn(KEY_TYPES, kind) ? KEY_TYPES[kind] : undefined;
  if (known === undefined || !isObject(key)) return `invalid key type from JSON (${kind})`;
  const missing = known.fields.find((field) => stringAt(key, field) === '');
  if (missing === undefined) return undefined;
  const type =
    known.type + (known.type === 'symmetric' ? '' : isPrivate(key) ? 'Private' : 'Public');
  return `failed to unmarshal JSON into key (*jwk.${type}Key): required field ${missing} is missing`;
}

function isPrivate(key: Json): boolean {
  return stringAt(key, 'd') !== '' || stringAt(key, 'kty') === 'oct';
}
