import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

import type { JsonObject } from '../../kinds/object.ts';
import { numberAt, objectAt, objectOr, stringAt } from '../objects/json.ts';
import type { Pki } from './pki.ts';

/** Who a service account token is for. */
export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The pod whose token it is. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

export interface TokenOptions {
  readonly subject: TokenSubject;
  readonly audiences: readonly string[];
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** A service account token: a JSON Web Token (RFC 7519) signed with ES256. */
export function signToken(
  pki: Pki,
  { subject, audiences, issuedAt, expiresAt }: TokenOptions,
): string {
  const header = encode({ alg: 'ES256', typ: 'JWT' });
  const claims = encode({
    aud: audiences.length > 0 ? audiences : [ISSUER],
    exp: expiresAt,
    iat: issuedAt,
    iss: ISSUER,
    'kubernetes.io': {
      namespace: subject.namespace,
      ...(subject.pod && { pod: { ...subject.pod } }),
      serviceaccount: { name: subject.name, uid: subject.uid },
    },
    nbf: issuedAt,
    sub: `system:serviceaccount:${subject.namespace}:${subject.name}`,
  });
  const signature = sign('sha256', Buffer.from(`${header}.${claims}`), {
    key: createPrivateKey(pki.serviceAccountKey),
    dsaEncoding: 'ieee-p1363',
  });
  return `${header}.${claims}.${signature.toString('base64url')}`;
}

/** Who a token is for; undefined when it is not of this cluster or no longer valid. */
export function verifyToken(pki: Pki, token: string, nowMs: number): TokenSubject | undefined {
  const [header = '', claims = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || signature === '') return undefined;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: createPublicKey(pki.serviceAccountKey), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return undefined;
  const body = decode(claims);
  if ((numberAt(body, 'exp') ?? 0) * 1000 <= nowMs) return undefined;
  const bound = objectAt(body, 'kubernetes.io');
  const namespace = stringAt(bound, 'namespace');
  const name = stringAt(bound, 'serviceaccount', 'name');
  const uid = stringAt(bound, 'serviceaccount', 'uid');
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  const podName = stringAt(bound, 'pod', 'name');
  const podUid = stringAt(bound, 'pod', 'uid');
  const isForPod = podName !== undefined && podUid !== undefined;
  return { namespace, name, uid, ...(isForPod && { pod: { name: podName, uid: podUid } }) };
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): JsonObject {
  return objectOr(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
}
