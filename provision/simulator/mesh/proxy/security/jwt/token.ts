import { at, isList, isObject, jsonIn, numberAt, stringAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { JWT, notText, notTime } from './status.ts';

/** A JSON Web Token (RFC 7519) taken apart, not yet believed. */
export interface Token {
  readonly algorithm: string;
  /** Empty when the header names no key. */
  readonly keyId: string;
  readonly payload: JsonObject;
  /** The payload as it is encoded in the token. */
  readonly encodedPayload: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  /** Seconds since the Unix epoch; 0 when the token does not say. */
  readonly notBefore: number;
  readonly expires: number;
  /** What is signed, and the signature. */
  readonly signed: string;
  readonly signature: Buffer;
}

/** A token, or why it is none, in Envoy's words. */
export type ReadToken =
  | { readonly type: 'token'; readonly token: Token }
  | { readonly type: 'bad'; readonly why: string };

/** Takes a token apart, in the order in which Envoy looks at its parts. */
export function readToken(text: string): ReadToken {
  const parts = text.split('.').filter((part) => part !== '');
  const [header = '', encodedPayload = '', encodedSignature = ''] = parts;
  if (parts.length !== 3) return bad(JWT.badFormat);
  const head = decodeJson(header, JWT.headerBase64, JWT.headerJson);
  if (typeof head === 'string') return bad(head);
  const { alg: algorithm, kid: keyId = '' } = head;
  if (typeof algorithm !== 'string') return bad(JWT.headerAlgorithm);
  if (!ALGORITHMS.has(algorithm)) return bad(JWT.algorithmUnknown);
  if (typeof keyId !== 'string') return bad(JWT.headerKeyId);
  const payload = decodeJson(encodedPayload, JWT.payloadBase64, JWT.payloadJson);
  if (typeof payload === 'string') return bad(payload);
  const problem = claimProblem(payload);
  if (problem !== undefined) return bad(problem);
  const signature = decode(encodedSignature);
  if (!signature) return bad(JWT.signatureBase64);
  const token: Token = {
    algorithm,
    keyId,
    payload,
    encodedPayload,
    issuer: stringAt(payload, 'iss'),
    subject: stringAt(payload, 'sub'),
    audiences: audiencesOf(payload['aud']) ?? [],
    notBefore: secondsAt(payload, 'nbf'),
    expires: secondsAt(payload, 'exp'),
    signed: `${header}.${encodedPayload}`,
    signature,
  };
  return { type: 'token', token };
}

const ALGORITHMS: ReadonlySet<string> = new Set(
  'ES256 ES384 ES512 HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA'.split(' '),
);

function claimProblem(payload: JsonObject): string | undefined {
  for (const claim of ['iss', 'sub']) {
    if (!isTextOrNothing(at(payload, claim))) return notText(claim);
  }
  for (const claim of ['iat', 'nbf', 'exp']) {
    const value = at(payload, claim);
    if (value === undefined) continue;
    const isNumber = typeof value === 'number';
    if (!isNumber || value < 0 || value >= 2 ** 64) return notTime(claim, isNumber);
  }
  if (audiencesOf(payload['aud']) === undefined) return JWT.audienceForm;
  return isTextOrNothing(at(payload, 'jti')) ? undefined : notText('jti');
}

function audiencesOf(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (!isList(value)) return undefined;
  const texts = value.filter((one) => typeof one === 'string');
  return texts.length === value.length ? texts : undefined;
}

function isTextOrNothing(value: Json | undefined): boolean {
  return value === undefined || typeof value === 'string';
}

function secondsAt(payload: JsonObject, claim: string): number {
  return Math.trunc(numberAt(payload, claim) ?? 0);
}

/** The object that is encoded, or one of the two texts. */
function decodeJson(encoded: string, notBase64: string, notJson: string): JsonObject | string {
  const bytes = decode(encoded);
  if (!bytes) return notBase64;
  const value = jsonIn(bytes.toString('utf8'));
  return isObject(value) ? value : notJson;
}

function decode(encoded: string): Buffer | undefined {
  const text = encoded.replace(/={1,2}$/, '');
  const isBase64 = /^[\w-]*$/.test(text) && text.length % 4 !== 1;
  return isBase64 ? Buffer.from(text, 'base64url') : undefined;
}

function bad(why: string): ReadToken {
  return { type: 'bad', why };
}
