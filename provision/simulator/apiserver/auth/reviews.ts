import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';
import { at, objectAt, stringAt, stringsAt } from '../objects/json.ts';
import type { Pki } from '../pki/pki.ts';
import { ISSUER } from '../pki/tokens.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';
import { userOfToken } from './authenticate.ts';
import { authorize, MASTERS, rulesOf, type Attributes } from './rbac.ts';

/** What reviews are answered from. */
export interface ReviewContext {
  readonly store: Store;
  readonly pki: Pki;
  readonly nowMs: number;
  readonly user: User;
}

/** Kinds that are answered instead of stored. */
export function isReview(kind: Pick<Kind, 'group' | 'kind'>): boolean {
  const isGroup = kind.group === 'authorization.k8s.io' || kind.group === 'authentication.k8s.io';
  return isGroup && kind.kind.endsWith('Review');
}

/**
 * The review with its status (authorization.k8s.io/v1 and authentication.k8s.io/v1).
 * @throws ApiError 400 when the review asks nothing
 */
export function answerReview(kind: string, review: JsonObject, context: ReviewContext): JsonObject {
  const spec = objectAt(review, 'spec');
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return { ...review, status: accessStatus(context.store, context.user, spec) };
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return { ...review, status: accessStatus(context.store, subjectOf(spec), spec) };
    case 'SelfSubjectRulesReview':
      return { ...review, status: rulesStatus(context, stringAt(spec, 'namespace') ?? '') };
    case 'SelfSubjectReview':
      return { ...review, status: { userInfo: userInfo(context.user) } };
    case 'TokenReview':
      return { ...review, status: tokenStatus(context, spec) };
    default:
      throw badRequest(`Cannot answer a review of kind ${kind}: this simulator does not know it`);
  }
}

/** The user as reviews and webhooks show it. */
function userInfo(user: User): JsonObject {
  const extra = Object.fromEntries(
    Object.entries(user.extra ?? {}).map(([key, list]) => [key, [...list]]),
  );
  return {
    username: user.name,
    ...(user.uid !== undefined && { uid: user.uid }),
    groups: [...user.groups],
    ...(user.extra && { extra }),
  };
}

function subjectOf(spec: JsonObject): User {
  return { name: stringAt(spec, 'user') ?? '', groups: stringsAt(spec, 'groups') };
}

function accessStatus(store: Store, user: User, spec: JsonObject): JsonObject {
  const { isAllowed, reason } = authorize(store, user, attributesOf(spec));
  return { allowed: isAllowed, ...(reason !== '' && { reason }) };
}

function attributesOf(spec: JsonObject): Attributes {
  const text = (list: string, key: string) => stringAt(spec, list, key) ?? '';
  if (at(spec, 'resourceAttributes') !== undefined) {
    return {
      type: 'resource',
      verb: text('resourceAttributes', 'verb'),
      group: text('resourceAttributes', 'group'),
      resource: text('resourceAttributes', 'resource'),
      subresource: text('resourceAttributes', 'subresource'),
      name: text('resourceAttributes', 'name'),
      namespace: text('resourceAttributes', 'namespace'),
    };
  }
  if (at(spec, 'nonResourceAttributes') === undefined) {
    throw badRequest(
      'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  return {
    type: 'path',
    verb: text('nonResourceAttributes', 'verb'),
    path: text('nonResourceAttributes', 'path'),
  };
}

function rulesStatus({ store, user }: ReviewContext, namespace: string): JsonObject {
  const isMaster = user.groups.includes(MASTERS);
  const rules: readonly Json[] = isMaster
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : rulesOf(store, user, namespace).map(({ rule }) => rule);
  return {
    resourceRules: rules.filter((rule) => !isForPaths(rule)),
    nonResourceRules: rules.filter((rule) => isForPaths(rule)),
    incomplete: false,
  };
}

function isForPaths(rule: Json): boolean {
  return at(rule, 'nonResourceURLs') !== undefined;
}

function tokenStatus(context: ReviewContext, spec: JsonObject): JsonObject {
  const user = userOfToken(stringAt(spec, 'token') ?? '', context);
  if (!user) return { user: {}, error: 'invalid bearer token' };
  const audiences = stringsAt(spec, 'audiences');
  return {
    authenticated: true,
    user: userInfo(user),
    audiences: audiences.length > 0 ? audiences : [ISSUER],
  };
}
