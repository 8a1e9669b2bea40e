import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

import type { JsonObject } from '../../kinds/object.ts';
import { at, isList, numberAt, objectAt, objectOr, stringAt, stringsAt } from '../objects/json.ts';
import type { Pki } from './pki.ts';

/** Names an object that a token lives no longer than. */
export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** Who a service account token is for. */
export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The pod whose token it is. */
  readonly pod?: BoundObject;
  /** The node of that pod, or the one that the token is bound to. */
  readonly node?: BoundObject;
  readonly secret?: BoundObject;
}

export interface TokenOptions {
  readonly subject: TokenSubject;
  readonly audiences: readonly string[];
  /** Distinguishes tokens: a UUID. */
  readonly id: string;
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What a token says, or why it is not believed; `why` is empty for what is no token of the cluster at all. */
export type ReadToken =
  | {
      readonly type: 'good';
      readonly subject: TokenSubject;
      readonly audiences: readonly string[];
      /** Empty for tokens that live in Secrets, which have none. */
      readonly id: string;
    }
  | { readonly type: 'bad'; readonly why: string };

/** Who signs, and whom tokens are for when nobody else is named. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = {
  namespace: 'kubernetes.io/serviceaccount/namespace',
  secret: 'kubernetes.io/serviceaccount/secret.name',
  name: 'kubernetes.io/serviceaccount/service-account.name',
  uid: 'kubernetes.io/serviceaccount/service-account.uid',
} as const;

/** A service account token: a JSON Web Token (RFC 7519) signed with ES256. */
export function signToken(
  pki: Pki,
  { subject, audiences, id, issuedAt, expiresAt }: TokenOptions,
): string {
  const { namespace, name, uid, ...bound } = subject;
  return signClaims(pki, {
    aud: audiences.length > 0 ? audiences : [ISSUER],
    exp: expiresAt,
    iat: issuedAt,
    iss: ISSUER,
    jti: id,
    'kubernetes.io': {
      namespace,
      ...Object.fromEntries(Object.entries(bound).map(([key, one]) => [key, { ...one }])),
      serviceaccount: { name, uid },
    },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
}

/** A token that does not expire, as the token controller puts it into a Secret of type kubernetes.io/service-account-token. */
export function signLegacyToken(
  pki: Pki,
  { namespace, name, uid }: Pick<TokenSubject, 'namespace' | 'name' | 'uid'>,
  secretName: string,
): string {
  return signClaims(pki, {
    iss: LEGACY_ISSUER,
    [LEGACY.namespace]: namespace,
    [LEGACY.secret]: secretName,
    [LEGACY.name]: name,
    [LEGACY.uid]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  });
}

/** Reads a token of this cluster: its signature and times; whether its account and the like still exist is the caller's to ask. */
export function readToken(pki: Pki, token: string, nowMs: number): ReadToken {
  const [header = '', claims = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || signature === '') return { type: 'bad', why: '' };
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: keysOf(pki).publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return { type: 'bad', why: '' };
  const body = decode(claims);
  if (stringAt(body, 'iss') === LEGACY_ISSUER) return readLegacy(body);
  if ((numberAt(body, 'exp') ?? 0) * 1000 <= nowMs) {
    return { type: 'bad', why: 'service account token has expired' };
  }
  const subject = subjectOf(objectAt(body, 'kubernetes.io'));
  if (!subject) return { type: 'bad', why: '' };
  const audiences = isList(at(body, 'aud'))
    ? stringsAt(body, 'aud')
    : [stringAt(body, 'aud') ?? ''];
  return { type: 'good', subject, audiences, id: stringAt(body, 'jti') ?? '' };
}

function subjectOf(claims: JsonObject): TokenSubject | undefined {
  const account = boundAt(claims, 'serviceaccount');
  const namespace = stringAt(claims, 'namespace');
  if (namespace === undefined || !account) return undefined;
  const [pod, node, secret] = ['pod', 'node', 'secret'].map((key) => boundAt(claims, key));
  return {
    namespace,
    ...account,
    ...(pod && { pod }),
    ...(node && { node }),
    ...(secret && { secret }),
  };
}

function readLegacy(claims: JsonObject): ReadToken {
  const [namespace = '', name = '', uid = '', secretName = ''] = [
    LEGACY.namespace,
    LEGACY.name,
    LEGACY.uid,
    LEGACY.secret,
  ].map((key) => stringAt(claims, key));
  const secret = { name: secretName, uid: '' };
  return { type: 'good', subject: { namespace, name, uid, secret }, audiences: [ISSUER], id: '' };
}

function boundAt(bound: JsonObject, key: string): BoundObject | undefined {
  const name = stringAt(bound, key, 'name');
  const uid = stringAt(bound, key, 'uid');
  return name === undefined || uid === undefined ? undefined : { name, uid };
}

function signClaims(pki: Pki, claims: JsonObject): string {
  const { privateKey, id } = keysOf(pki);
  const content = `${encode({ alg: 'ES256', kid: id })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(content), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${content}.${signature.toString('base64url')}`;
}

/** The keys that tokens are checked with, as JSON Web Keys (RFC 7517). */
export function publicKeys(pki: Pki): readonly object[] {
  const { publicKey, id } = keysOf(pki);
  return [{ use: 'sig', kid: id, alg: 'ES256', ...publicKey.export({ format: 'jwk' }) }];
}

interface TokenKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As upstream names a key: the hash of its public half. */
  readonly id: string;
}

/** Reading PEM costs more than a signature, and each request of a pod shows a token. */
const keysByPki = new WeakMap<Pki, TokenKeys>();

function keysOf(pki: Pki): TokenKeys {
  const known = keysByPki.get(pki);
  if (known) return known;
  const publicKey = createPublicKey(pki.serviceAccountKey);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(der).digest('base64url');
  const keys = { privateKey: createPrivateKey(pki.serviceAccountKey), publicKey, id };
  keysByPki.set(pki, keys);
  return keys;
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): JsonObject {
  return objectOr(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
}
