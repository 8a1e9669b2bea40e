import type { IncomingMessage } from 'node:http';

import { ApiError } from '../../client/api-error.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';
import { ANONYMOUS, AUTHENTICATED, serviceAccountUser, UNAUTHENTICATED } from './authenticate.ts';
import { authorize, refusal } from './rbac.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const EXTRA_PREFIX = 'impersonate-extra-';

/**
 * The user as whom a request is carried out (Kubernetes documentation, "User impersonation").
 * @throws ApiError 403 when the sender may not be that user, 500 for groups and the like without a user, as upstream
 */
export function impersonated(
  store: Store,
  user: User,
  request: Pick<IncomingMessage, 'headersDistinct' | 'url'>,
): User {
  const wanted = readWanted(request.headersDistinct);
  if (!wanted) return user;
  const { name, groups, uid, extra } = wanted;
  if (name === undefined) {
    const text = `requested ${wantedText(wanted)} without impersonating a user`;
    throw new ApiError(
      500,
      'InternalError',
      `Internal Server Error: ${JSON.stringify(request.url ?? '')}: ${text}`,
    );
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const [, namespace = '', accountName = ''] = account ?? [];
  checkAll(store, user, [
    account
      ? { resource: 'serviceaccounts', namespace, name: accountName }
      : { resource: 'users', name },
    ...groups.map((group) => ({ resource: 'groups', name: group })),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({
        group: AUTHENTICATION,
        resource: 'userextras',
        subresource: key,
        name: value,
      })),
    ),
    ...(uid === undefined ? [] : [{ group: AUTHENTICATION, resource: 'uids', name: uid }]),
  ]);
  const base = account ? serviceAccountUser(namespace, accountName) : { name, groups: [] };
  return {
    name,
    groups: withAuthentication(name, groups.length > 0 ? groups : base.groups),
    ...(uid !== undefined && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

interface Wanted {
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly uid: string | undefined;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

function readWanted(headers: NodeJS.Dict<string[]>): Wanted | undefined {
  const name = headers['impersonate-user']?.[0];
  const groups = headers['impersonate-group'] ?? [];
  const uid = headers['impersonate-uid']?.[0];
  const extra: Record<string, readonly string[]> = {};
  for (const [header, values] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA_PREFIX) || !values) continue;
    extra[decodeURIComponent(header.slice(EXTRA_PREFIX.length))] = values;
  }
  const isNothing =
    name === undefined &&
    uid === undefined &&
    groups.length === 0 &&
    Object.keys(extra).length === 0;
  return isNothing ? undefined : { name, groups, uid, extra };
}

function wantedText({ groups, uid, extra }: Wanted): string {
  const parts = [
    ...groups.map((group) => `Group ${group}`),
    ...(uid === undefined ? [] : [`UID ${uid}`]),
    ...Object.keys(extra).map((key) => `UserExtra ${key}`),
  ];
  return `[${parts.join(' ')}]`;
}

interface Permission {
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name: string;
}

function checkAll(store: Store, user: User, permissions: readonly Permission[]): void {
  for (const permission of permissions) {
    const attributes = {
      type: 'resource',
      verb: 'impersonate',
      group: '',
      subresource: '',
      namespace: '',
      ...permission,
    } as const;
    const { isAllowed, reason } = authorize(store, user, attributes);
    if (!isAllowed) throw refusal(user, attributes, reason);
  }
}

function withAuthentication(name: string, groups: readonly string[]): readonly string[] {
  if (name === ANONYMOUS.name) return [...new Set([...groups, UNAUTHENTICATED])];
  const isDecided = groups.includes(UNAUTHENTICATED) || groups.includes(AUTHENTICATED);
  return isDecided ? groups : [...groups, AUTHENTICATED];
}
