import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

import { isSame } from '../../kinds/json.ts';
import { stringAt } from '../objects/json.ts';
import type { Pki } from '../pki/pki.ts';
import { ISSUER, readToken, type BoundObject, type TokenSubject } from '../pki/tokens.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';
import { quotedList } from './rule-cover.ts';

export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';
/** Who sends a request without credentials. */
export const ANONYMOUS: User = { name: 'system:anonymous', groups: [UNAUTHENTICATED] };
const EXTRA = 'authentication.kubernetes.io';

/** What a request shows of its sender. */
export interface Credentials {
  /** What the client's certificate says; undefined when it showed none. */
  readonly certificate: User | 'not trusted' | undefined;
  /** The Authorization header. */
  readonly authorization: string | undefined;
}

/** What tokens are compared with. */
export interface TokenContext {
  readonly pki: Pki;
  readonly store: Store;
  readonly nowMs: number;
}

/** The user that a token is of, or what `kubectl create -f tokenreview.yaml` is told instead. */
export type TokenVerdict =
  | { readonly type: 'user'; readonly user: User; readonly audiences: readonly string[] }
  | { readonly type: 'refused'; readonly error: string };

/**
 * Who sends a request (Kubernetes documentation, "Authenticating"): the certificate's subject, a service account's
 * token, or nobody. Undefined when credentials were shown that are not good.
 */
export function authenticate(
  { certificate, authorization = '' }: Credentials,
  context: TokenContext,
): User | undefined {
  if (certificate !== undefined && certificate !== 'not trusted') return certificate;
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) return certificate === undefined ? ANONYMOUS : undefined;
  const verdict = userOfToken(token, context);
  return verdict.type === 'user' ? verdict.user : undefined;
}

/** Connections send many requests; what their certificates say does not change. */
const certificates = new WeakMap<TLSSocket, Credentials['certificate']>();

/** The subject of the client's certificate, as far as the cluster's authority signed it. */
export function userOfCertificate(socket: TLSSocket): Credentials['certificate'] {
  if (certificates.has(socket)) return certificates.get(socket);
  const user = readCertificate(socket);
  certificates.set(socket, user);
  return user;
}

function readCertificate(socket: TLSSocket): Credentials['certificate'] {
  const { subject, raw } = socket.getPeerCertificate();
  if (!socket.authorized) return isCertificate(raw) ? 'not trusted' : undefined;
  const name = stringAt(subject, 'CN');
  if (name === undefined) return 'not trusted';
  const hash = createHash('sha256').update(raw).digest('hex');
  return {
    name,
    groups: [...namesOf(subject.O), AUTHENTICATED],
    extra: { [`${EXTRA}/credential-id`]: [`X509SHA256=${hash}`] },
  };
}

/** The user a token is of, if it is meant for one of `audiences` and what it is bound to still exists. */
export function userOfToken(
  token: string,
  { pki, store, nowMs }: TokenContext,
  audiences: readonly string[] = [ISSUER],
): TokenVerdict {
  const read = readToken(pki, token, nowMs);
  if (read.type === 'bad') return refused(read.why);
  const { subject, id } = read;
  const meant = audiences.filter((audience) => read.audiences.includes(audience));
  if (meant.length === 0) {
    return refused(
      `token audiences ${quotedList(read.audiences)} is invalid for the target audiences ${quotedList(audiences)}`,
    );
  }
  if (!isAlive(store, subject, token)) {
    return refused('service account token has been invalidated');
  }
  const user = serviceAccountUser(subject.namespace, subject.name);
  const extra = extraOf(subject, id);
  return {
    type: 'user',
    user: {
      ...user,
      uid: subject.uid,
      ...(Object.keys(extra).length > 0 && { extra }),
    },
    audiences: meant,
  };
}

/** The user that a service account is. */
export function serviceAccountUser(namespace: string, name: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
  };
}

function refused(why: string): TokenVerdict {
  const error = 'invalid bearer token';
  return { type: 'refused', error: why === '' ? error : `[${error}, ${why}]` };
}

function isAlive(store: Store, subject: TokenSubject, token: string): boolean {
  const { namespace, name, uid, pod, node, secret } = subject;
  const isThere = (resource: string, scope: string, bound: BoundObject) =>
    store.get(resource, scope, bound.name)?.metadata.uid === bound.uid;
  return (
    isThere('/serviceaccounts', namespace, { name, uid }) &&
    (!pod || isThere('/pods', namespace, pod)) &&
    // A pod's token names the node for information only, as upstream has it.
    (!node || pod !== undefined || isThere('/nodes', '', node)) &&
    (!secret || isSecretAlive(store, namespace, secret, token))
  );
}

/** A token that lives in a Secret has to be the one that is in it. */
function isSecretAlive(
  store: Store,
  namespace: string,
  { name, uid }: BoundObject,
  token: string,
): boolean {
  const secret = store.get('/secrets', namespace, name);
  if (!secret) return false;
  if (uid !== '') return secret.metadata.uid === uid;
  const data = Buffer.from(token).toString('base64');
  return isSame(stringAt(secret, 'data', 'token'), data);
}

function extraOf({ pod, node }: TokenSubject, id: string): Record<string, readonly string[]> {
  return {
    ...(id !== '' && { [`${EXTRA}/credential-id`]: [`JTI=${id}`] }),
    ...(node && { [`${EXTRA}/node-name`]: [node.name], [`${EXTRA}/node-uid`]: [node.uid] }),
    ...(pod && { [`${EXTRA}/pod-name`]: [pod.name], [`${EXTRA}/pod-uid`]: [pod.uid] }),
  };
}

/** Node gives an empty object for no certificate, whatever its types say. */
function isCertificate(raw: Buffer | undefined): boolean {
  return raw !== undefined && raw.length > 0;
}

// Several organizations come as a list, whatever Node's types say.
function namesOf(organization: unknown): readonly string[] {
  if (typeof organization === 'string') return [organization];
  return Array.isArray(organization) ? organization.filter((name) => typeof name === 'string') : [];
}
