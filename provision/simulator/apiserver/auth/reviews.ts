import type { FieldError, Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { badRequest, invalid } from '../errors.ts';
import { at, isObject, listAt, objectAt, stringAt, stringsAt } from '../objects/json.ts';
import type { Pki } from '../pki/pki.ts';
import { ISSUER } from '../pki/tokens.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';
import { userOfToken } from './authenticate.ts';
import { authorize, grantsOf, joined, MASTERS, type Attributes } from './rbac.ts';

/** What reviews are answered from. */
export interface ReviewContext {
  readonly store: Store;
  readonly pki: Pki;
  readonly nowMs: number;
  readonly user: User;
}

const AUTHORIZATION = 'authorization.k8s.io';

/** Kinds that are answered instead of stored. */
export function isReview(kind: Pick<Kind, 'group' | 'kind'>): boolean {
  const isGroup = kind.group === AUTHORIZATION || kind.group === 'authentication.k8s.io';
  return isGroup && kind.kind.endsWith('Review');
}

/**
 * The review with its status (authorization.k8s.io/v1 and authentication.k8s.io/v1).
 * @throws ApiError 422 or 400 when the review asks nothing that has an answer
 */
export function answerReview(kind: string, review: JsonObject, context: ReviewContext): JsonObject {
  const spec = objectAt(review, 'spec');
  switch (kind) {
    case 'SelfSubjectAccessReview':
      refuseIf(kind, attributeErrors(spec));
      return { ...review, status: accessStatus(context.store, context.user, spec) };
    case 'SubjectAccessReview':
      refuseIf(kind, [...attributeErrors(spec), ...subjectErrors(spec)]);
      return { ...review, status: accessStatus(context.store, subjectOf(spec), spec) };
    case 'LocalSubjectAccessReview':
      refuseIf(kind, [
        ...attributeErrors(spec),
        ...subjectErrors(spec),
        ...localErrors(review, spec),
      ]);
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

/** The user as reviews and webhooks show it (authentication.k8s.io/v1 UserInfo). */
export function userInfo(user: User): JsonObject {
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

function refuseIf(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: AUTHORIZATION, kind }, '', errors);
}

function attributeErrors(spec: JsonObject): readonly FieldError[] {
  const onResource = at(spec, 'resourceAttributes');
  const onPath = at(spec, 'nonResourceAttributes');
  if (isObject(onResource) && isObject(onPath)) {
    return [
      wrong(
        'spec.nonResourceAttributes',
        onPath,
        'cannot be specified in combination with resourceAttributes',
      ),
    ];
  }
  if (isObject(onResource) || isObject(onPath)) return [];
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
  return [wrong('spec.resourceAttributes', null, why)];
}

function subjectErrors(spec: JsonObject): readonly FieldError[] {
  const isNobody = (stringAt(spec, 'user') ?? '') === '' && listAt(spec, 'groups').length === 0;
  return isNobody
    ? [wrong('spec.user', '', 'at least one of user or group must be specified')]
    : [];
}

function localErrors(review: JsonObject, spec: JsonObject): readonly FieldError[] {
  const namespace = stringAt(review, 'metadata', 'namespace') ?? '';
  const asked = stringAt(spec, 'resourceAttributes', 'namespace') ?? '';
  const onPath = at(spec, 'nonResourceAttributes');
  if (isObject(onPath)) {
    return [wrong('spec.nonResourceAttributes', onPath, 'disallowed on this kind of request')];
  }
  return asked === namespace
    ? []
    : [wrong('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace')];
}

function wrong(field: string, value: Json, detail: string): FieldError {
  return {
    field,
    type: 'Invalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
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
  if (isObject(at(spec, 'resourceAttributes'))) {
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
  return {
    type: 'path',
    verb: text('nonResourceAttributes', 'verb'),
    path: text('nonResourceAttributes', 'path'),
  };
}

function rulesStatus({ store, user }: ReviewContext, namespace: string): JsonObject {
  if (namespace === '') throw badRequest('no namespace on request');
  const isMaster = user.groups.includes(MASTERS);
  const { rules, problems } = grantsOf(store, user, namespace);
  const all: readonly Json[] = [...(isMaster ? EVERYTHING : []), ...rules];
  return {
    resourceRules: all.filter((rule) => listAt(rule, 'resources').length > 0),
    nonResourceRules: all.filter((rule) => listAt(rule, 'nonResourceURLs').length > 0),
    incomplete: problems.length > 0,
    ...(problems.length > 0 && { evaluationError: joined(problems) }),
  };
}

const EVERYTHING: readonly Json[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

function tokenStatus(context: ReviewContext, spec: JsonObject): JsonObject {
  const token = stringAt(spec, 'token') ?? '';
  if (token === '') {
    throw badRequest('token is required for TokenReview in authentication');
  }
  const asked = stringsAt(spec, 'audiences');
  const verdict = userOfToken(token, context, asked.length > 0 ? asked : [ISSUER]);
  if (verdict.type === 'refused') return { user: {}, error: verdict.error };
  return {
    authenticated: true,
    user: userInfo(verdict.user),
    audiences: verdict.audiences,
  };
}
