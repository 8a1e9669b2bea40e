import type { TLSSocket } from 'node:tls';

import { stringAt } from '../objects/json.ts';
import type { Pki } from '../pki/pki.ts';
import { verifyToken } from '../pki/tokens.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';

const AUTHENTICATED = 'system:authenticated';
/** Who sends a request without credentials. */
const ANONYMOUS: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** What a request shows of its sender. */
export interface Credentials {
  readonly user: User | undefined;
  /** The Authorization header. */
  readonly authorization: string | undefined;
}

/**
 * Who sends a request (Kubernetes documentation, "Authenticating"): the certificate's subject, a service account's
 * token, or nobody. Undefined when credentials were shown that are not good.
 */
export function authenticate(
  { user, authorization }: Credentials,
  context: { readonly pki: Pki; readonly store: Store; readonly nowMs: number },
): User | undefined {
  if (user) return user;
  if (authorization === undefined) return ANONYMOUS;
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  return token === undefined ? ANONYMOUS : userOfToken(token, context);
}

/** The subject of the client's certificate; undefined when there is none that the cluster's authority signed. */
export function userOfCertificate(socket: TLSSocket): User | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name = stringAt(subject, 'CN');
  return name === undefined ? undefined : { name, groups: [...namesOf(subject.O), AUTHENTICATED] };
}

/** The user a token is of; undefined when it is not good, or its service account or pod is gone. */
export function userOfToken(
  token: string,
  { pki, store, nowMs }: { readonly pki: Pki; readonly store: Store; readonly nowMs: number },
): User | undefined {
  const subject = verifyToken(pki, token, nowMs);
  if (!subject) return undefined;
  const { namespace, name, uid, pod } = subject;
  const account = store.get('/serviceaccounts', namespace, name);
  if (account?.metadata.uid !== uid) return undefined;
  if (pod && store.get('/pods', namespace, pod.name)?.metadata.uid !== pod.uid) return undefined;
  return {
    ...serviceAccountUser(namespace, name),
    uid,
    ...(pod && {
      extra: {
        'authentication.kubernetes.io/pod-name': [pod.name],
        'authentication.kubernetes.io/pod-uid': [pod.uid],
      },
    }),
  };
}

/** The user that a service account is. */
export function serviceAccountUser(namespace: string, name: string): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
  };
}

// Several organizations come as a list, whatever Node's types say.
function namesOf(organization: unknown): readonly string[] {
  if (typeof organization === 'string') return [organization];
  return Array.isArray(organization) ? organization.filter((name) => typeof name === 'string') : [];
}
