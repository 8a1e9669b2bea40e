import {
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
  constants,
} from 'node:crypto';

import { isObject, jsonIn, listAt, stringAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { KEYS_LIMIT, RSA_KEY_LIMIT_BITS } from '../limits.ts';
import type { Token } from './token.ts';

/** A key that tokens are signed with, as its set has it (RFC 7517). */
export interface SigningKey {
  /** Empty when the set does not name it. */
  readonly id: string;
  /** Empty when it may be used with any algorithm of its family. */
  readonly algorithm: string;
  /** Whether the signature of a token is by this key. */
  readonly hasSigned: (token: Token) => boolean;
}

/** The keys of a set that can be used; others are left out, and a text that is no set has none. */
export function readKeys(jwks: string): readonly SigningKey[] {
  return listAt(jsonIn(jwks), 'keys')
    .slice(0, KEYS_LIMIT)
    .flatMap((key) => readKey(key) ?? []);
}

function readKey(jwk: Json): SigningKey | undefined {
  if (!isObject(jwk)) return undefined;
  const [id, written] = [stringAt(jwk, 'kid'), stringAt(jwk, 'alg')];
  const family = FAMILIES[stringAt(jwk, 'kty')];
  if (!family) return undefined;
  const algorithm = written || family.algorithmOf(jwk);
  if (algorithm !== '' && !family.prefixes.some((prefix) => algorithm.startsWith(prefix))) {
    return undefined;
  }
  const check = family.checkOf(jwk);
  if (!check) return undefined;
  return {
    id,
    algorithm,
    hasSigned: (token) =>
      family.prefixes.some((prefix) => token.algorithm.startsWith(prefix)) && check(token),
  };
}

type Check = (token: Token) => boolean;

/** What keys of one type have in common: the algorithms they are for, and how a signature is checked. */
interface Family {
  readonly prefixes: readonly string[];
  /** The only algorithm that a key can be for; empty when there are several. */
  readonly algorithmOf: (jwk: JsonObject) => string;
  readonly checkOf: (jwk: JsonObject) => Check | undefined;
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
};

const FAMILIES: Readonly<Record<string, Family>> = {
  RSA: { prefixes: ['RS', 'PS'], algorithmOf: () => '', checkOf: rsaCheck },
  EC: {
    prefixes: ['ES'],
    algorithmOf: (jwk) => CURVES[stringAt(jwk, 'crv')] ?? '',
    checkOf: ellipticCheck,
  },
  OKP: { prefixes: ['EdDSA'], algorithmOf: () => 'EdDSA', checkOf: edwardsCheck },
  oct: { prefixes: ['HS'], algorithmOf: () => '', checkOf: secretCheck },
};

function rsaCheck(jwk: JsonObject): Check | undefined {
  const key = publicKey({ kty: 'RSA', n: stringAt(jwk, 'n'), e: stringAt(jwk, 'e') });
  if (!key || (key.asymmetricKeyDetails?.modulusLength ?? 0) > RSA_KEY_LIMIT_BITS) return undefined;
  return (token) => {
    const isPss = token.algorithm.startsWith('PS');
    return isSignedBy(token, {
      key,
      padding: isPss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING,
      ...(isPss && { saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
    });
  };
}

function ellipticCheck(jwk: JsonObject): Check | undefined {
  const [curve, x, y] = [stringAt(jwk, 'crv'), stringAt(jwk, 'x'), stringAt(jwk, 'y')];
  const algorithm = CURVES[curve];
  const key = algorithm && publicKey({ kty: 'EC', crv: curve, x, y });
  if (!key) return undefined;
  return (token) =>
    token.algorithm === algorithm && isSignedBy(token, { key, dsaEncoding: 'ieee-p1363' });
}

function edwardsCheck(jwk: JsonObject): Check | undefined {
  if (stringAt(jwk, 'crv') !== 'Ed25519') return undefined;
  const key = publicKey({ kty: 'OKP', crv: 'Ed25519', x: stringAt(jwk, 'x') });
  return key && (({ signed, signature }) => verify(null, Buffer.from(signed), key, signature));
}

function secretCheck(jwk: JsonObject): Check | undefined {
  const secret = Buffer.from(stringAt(jwk, 'k'), 'base64url');
  if (secret.length === 0) return undefined;
  return (token) => {
    const made = createHmac(hashOf(token), secret).update(token.signed).digest();
    return made.length === token.signature.length && timingSafeEqual(made, token.signature);
  };
}

function isSignedBy(
  token: Token,
  key: { readonly key: KeyObject; readonly padding?: number; readonly dsaEncoding?: 'ieee-p1363' },
): boolean {
  return verify(hashOf(token), Buffer.from(token.signed), key, token.signature);
}

/** `RS256` → `sha256` */
function hashOf({ algorithm }: Token): string {
  return `sha${algorithm.slice(2)}`;
}

function publicKey(jwk: Readonly<Record<string, string>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return undefined;
  }
}
