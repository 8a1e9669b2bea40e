/** Role-based access control (Kubernetes documentation, "Using RBAC Authorization"). */
import { ApiError } from '../../client/api-error.ts';
import type { Json, KubeObject } from '../../kinds/object.ts';
import { forbidden } from '../errors.ts';
import { listAt, objectAt, stringAt, stringsAt } from '../objects/json.ts';
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
  /** Why it is allowed, or what kept rules from being found; often empty. */
  readonly reason: string;
}

/** What the bindings of a user come to. */
export interface Grants {
  readonly rules: readonly Json[];
  /** Bindings whose role is missing, in upstream's words. */
  readonly problems: readonly string[];
}

export const MASTERS = 'system:masters';
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Whether the user may do it. */
export function authorize(store: Store, user: User, attributes: Attributes): Decision {
  if (user.groups.includes(MASTERS)) return { isAllowed: true, reason: '' };
  const namespace = attributes.type === 'resource' ? attributes.namespace : '';
  const problems: string[] = [];
  for (const found of bindingsOf(store, user, namespace)) {
    if (found.type === 'problem') problems.push(found.problem);
    else if (found.rules.some((rule) => isCovered(rule, attributes))) {
      return { isAllowed: true, reason: reasonOf(found) };
    }
  }
  return { isAllowed: false, reason: problems.length === 0 ? '' : `RBAC: ${joined(problems)}` };
}

/** The refusal in upstream's words; `reason` is what the decision gave. */
export function refusal(user: User, attributes: Attributes, reason = ''): ApiError {
  const subject = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  const after = reason === '' ? '' : `: ${reason}`;
  if (attributes.type === 'path') {
    const message = `forbidden: ${subject} path ${JSON.stringify(attributes.path)}${after}`;
    return new ApiError(403, 'Forbidden', message, {});
  }
  const { group, resource, subresource, namespace, name } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  return forbidden(
    { group, plural: resource },
    name,
    `${subject} resource "${full}" in API group "${group}" ${where}${after}`,
  );
}

/** All rules that bindings give the user, in the namespace and cluster-wide. */
export function grantsOf(store: Store, user: User, namespace: string): Grants {
  const rules: Json[] = [];
  const problems: string[] = [];
  for (const found of bindingsOf(store, user, namespace)) {
    if (found.type === 'problem') problems.push(found.problem);
    else rules.push(...found.rules);
  }
  return { rules, problems };
}

/** The role that a binding refers to. */
export function roleOf(store: Store, ref: Json, namespace: string): KubeObject | undefined {
  const name = stringAt(ref, 'name') ?? '';
  return stringAt(ref, 'kind') === 'Role'
    ? store.get(`${RBAC_GROUP}/roles`, namespace, name)
    : store.get(`${RBAC_GROUP}/clusterroles`, '', name);
}

/** Several errors as Go writes them. */
export function joined(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
}

type Found = FoundRules | { readonly type: 'problem'; readonly problem: string };

interface FoundRules {
  readonly type: 'rules';
  readonly rules: readonly Json[];
  readonly binding: KubeObject;
  readonly subject: Json;
}

function* bindingsOf(store: Store, user: User, namespace: string): Generator<Found> {
  yield* meant(store, user, store.list(`${RBAC_GROUP}/clusterrolebindings`).items);
  if (namespace === '') return;
  yield* meant(store, user, store.list(`${RBAC_GROUP}/rolebindings`, namespace).items);
}

function* meant(store: Store, user: User, bindings: readonly KubeObject[]): Generator<Found> {
  for (const binding of bindings) {
    const subject = listAt(binding, 'subjects').find((one) => isMeant(one, user, binding));
    if (subject === undefined) continue;
    const ref = objectAt(binding, 'roleRef');
    const role = roleOf(store, ref, binding.metadata.namespace ?? '');
    if (role) {
      yield { type: 'rules', rules: listAt(role, 'rules'), binding, subject };
    } else {
      const kind = (stringAt(ref, 'kind') ?? '').toLowerCase();
      const problem = `${kind}.${RBAC_GROUP} ${JSON.stringify(stringAt(ref, 'name') ?? '')} not found`;
      yield { type: 'problem', problem };
    }
  }
}

function isMeant(subject: Json, user: User, binding: KubeObject): boolean {
  const name = stringAt(subject, 'name') ?? '';
  switch (stringAt(subject, 'kind') ?? '') {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${namespaceOf(subject, binding)}:${name}`;
    default:
      return false;
  }
}

function namespaceOf(subject: Json, binding: KubeObject): string {
  return stringAt(subject, 'namespace') ?? binding.metadata.namespace ?? '';
}

function reasonOf({ binding, subject }: FoundRules): string {
  const { name, namespace } = binding.metadata;
  const role = `${stringAt(binding, 'roleRef', 'kind') ?? ''} "${stringAt(binding, 'roleRef', 'name') ?? ''}"`;
  const full = namespace === undefined ? `"${name}"` : `"${name}/${namespace}"`;
  const kind = stringAt(subject, 'kind') ?? '';
  const home = kind === 'ServiceAccount' ? `/${namespaceOf(subject, binding)}` : '';
  const who = `${kind} "${stringAt(subject, 'name') ?? ''}${home}"`;
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

/** Whether a URL of a rule, which may end in `*`, covers a path. */
export function isPathCovered(url: string, path: string): boolean {
  return url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path;
}
