/** Role-based access control (Kubernetes documentation, "Using RBAC Authorization"). */
import { ApiError } from '../../client/api-error.ts';
import type { Json, KubeObject } from '../../kinds/object.ts';
import { forbidden } from '../errors.ts';
import { listAt, stringAt, stringsAt } from '../objects/json.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';

/** What somebody wants to do. */
export type Attributes =
  | {
      readonly type: 'resource';
      readonly verb: string;
      readonly group: string;
      readonly resource: string;
      /** Empty for the object itself. */
      readonly subresource: string;
      /** Empty for all objects. */
      readonly name: string;
      /** Empty for cluster scope or all namespaces. */
      readonly namespace: string;
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string };

/** A verdict with the words that SubjectAccessReview gives for it. */
export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
}

/** A rule that holds for a user, and why. */
export interface GrantedRule {
  readonly rule: Json;
  readonly reason: string;
}

export const MASTERS = 'system:masters';
const GROUP = 'rbac.authorization.k8s.io';

/** Whether the user may do it. */
export function authorize(store: Store, user: User, attributes: Attributes): Decision {
  if (user.groups.includes(MASTERS)) return { isAllowed: true, reason: '' };
  const namespace = attributes.type === 'resource' ? attributes.namespace : '';
  for (const { rule, reason } of rulesOf(store, user, namespace)) {
    if (isCovered(rule, attributes)) return { isAllowed: true, reason };
  }
  return { isAllowed: false, reason: '' };
}

/** The refusal in upstream's words. */
export function refusal(user: User, attributes: Attributes): ApiError {
  const subject = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  if (attributes.type === 'path') {
    const message = `forbidden: ${subject} path ${JSON.stringify(attributes.path)}`;
    return new ApiError(403, 'Forbidden', message, {});
  }
  const { group, resource, subresource, namespace, name } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return forbidden(
    { group, plural: resource },
    name,
    `${subject} resource "${full}" in API group "${group}" ${where}`,
  );
}

/** All rules that bindings give the user, in the namespace and cluster-wide. */
export function rulesOf(store: Store, user: User, namespace: string): readonly GrantedRule[] {
  const clusterWide = store.list(`${GROUP}/clusterrolebindings`).items;
  const own = namespace === '' ? [] : store.list(`${GROUP}/rolebindings`, namespace).items;
  return [...clusterWide, ...own].flatMap((binding) => granted(store, user, binding));
}

function granted(store: Store, user: User, binding: KubeObject): readonly GrantedRule[] {
  const subject = listAt(binding, 'subjects').find((one) => isMeant(one, user, binding));
  if (subject === undefined) return [];
  const reason = reasonOf(binding, subject);
  return listAt(roleOf(store, binding), 'rules').map((rule) => ({ rule, reason }));
}

function roleOf(store: Store, binding: KubeObject): KubeObject | undefined {
  const name = stringAt(binding, 'roleRef', 'name') ?? '';
  return stringAt(binding, 'roleRef', 'kind') === 'Role'
    ? store.get(`${GROUP}/roles`, binding.metadata.namespace ?? '', name)
    : store.get(`${GROUP}/clusterroles`, '', name);
}

function isMeant(subject: Json, user: User, binding: KubeObject): boolean {
  const name = stringAt(subject, 'name') ?? '';
  switch (stringAt(subject, 'kind') ?? '') {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const namespace = stringAt(subject, 'namespace') ?? binding.metadata.namespace ?? '';
      return user.name === `system:serviceaccount:${namespace}:${name}`;
    }
    default:
      return false;
  }
}

function reasonOf(binding: KubeObject, subject: Json): string {
  const { name, namespace } = binding.metadata;
  const role = `${stringAt(binding, 'roleRef', 'kind') ?? ''} "${stringAt(binding, 'roleRef', 'name') ?? ''}"`;
  const full = namespace === undefined ? `"${name}"` : `"${name}/${namespace}"`;
  const who = `${stringAt(subject, 'kind') ?? ''} "${stringAt(subject, 'name') ?? ''}"`;
  return `RBAC: allowed by ${binding.kind} ${full} of ${role} to ${who}`;
}

function isCovered(rule: Json, attributes: Attributes): boolean {
  const has = (key: string, value: string) => {
    const values = stringsAt(rule, key);
    return values.includes('*') || values.includes(value);
  };
  if (!has('verbs', attributes.verb)) return false;
  if (attributes.type === 'path') {
    return stringsAt(rule, 'nonResourceURLs').some((url) => isPathCovered(url, attributes.path));
  }
  const { group, resource, subresource, name } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const resources = stringsAt(rule, 'resources');
  const isResource =
    resources.includes('*') ||
    resources.includes(full) ||
    (subresource !== '' && resources.includes(`*/${subresource}`));
  const names = stringsAt(rule, 'resourceNames');
  return has('apiGroups', group) && isResource && (names.length === 0 || names.includes(name));
}

function isPathCovered(url: string, path: string): boolean {
  return url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path;
}
