/** Which flow a request belongs to (Kubernetes documentation, "API Priority and Fairness"). */
import type { Json, KubeObject } from '../../kinds/object.ts';
import { at, listAt, numberAt, objectAt, stringAt, stringsAt } from '../objects/json.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';
import type { Attributes } from './rbac.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';

/** The uids that an answer names. */
export interface FlowUids {
  readonly flowSchema: string;
  readonly priorityLevel: string;
}

/** The flow schema of least precedence that the request matches; undefined when somebody has deleted them all. */
export function flowOf(store: Store, user: User, attributes: Attributes): FlowUids | undefined {
  const matches = (schema: KubeObject) =>
    listAt(schema, 'spec', 'rules').some((rule) => isMatched(rule, user, attributes));
  const schema = inOrder(store.stored(`${GROUP}/flowschemas`)).find(matches);
  if (!schema) return undefined;
  const name = stringAt(schema, 'spec', 'priorityLevelConfiguration', 'name') ?? '';
  const level = store.get(`${GROUP}/prioritylevelconfigurations`, '', name);
  if (!level) return undefined;
  return { flowSchema: schema.metadata.uid, priorityLevel: level.metadata.uid };
}

/** Schemas by precedence and name; kept, since there is one list as long as nobody writes. */
const orders = new WeakMap<readonly KubeObject[], readonly KubeObject[]>();

function inOrder(schemas: readonly KubeObject[]): readonly KubeObject[] {
  const known = orders.get(schemas);
  if (known) return known;
  const order = schemas.toSorted(
    (one, other) =>
      precedence(one) - precedence(other) || (one.metadata.name < other.metadata.name ? -1 : 1),
  );
  orders.set(schemas, order);
  return order;
}

function precedence(schema: KubeObject): number {
  return numberAt(schema, 'spec', 'matchingPrecedence') ?? 0;
}

function isMatched(rule: Json, user: User, attributes: Attributes): boolean {
  if (!listAt(rule, 'subjects').some((subject) => isSubject(subject, user))) return false;
  if (attributes.type === 'path') {
    const { verb, path } = attributes;
    return listAt(rule, 'nonResourceRules').some(
      (one) => has(one, 'verbs', verb) && stringsAt(one, 'nonResourceURLs').some(fits(path)),
    );
  }
  const { verb, group, resource, subresource, namespace } = attributes;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  return listAt(rule, 'resourceRules').some(
    (one) =>
      has(one, 'verbs', verb) &&
      has(one, 'apiGroups', group) &&
      has(one, 'resources', full) &&
      (namespace === '' ? at(one, 'clusterScope') === true : has(one, 'namespaces', namespace)),
  );
}

function isSubject(subject: Json, { name, groups }: User): boolean {
  const value = (type: string) => stringAt(objectAt(subject, type), 'name') ?? '';
  const kind = stringAt(subject, 'kind');
  if (kind === 'User') return ['*', name].includes(value('user'));
  if (kind === 'Group') return value('group') === '*' || groups.includes(value('group'));
  const account = `system:serviceaccount:${stringAt(subject, 'serviceAccount', 'namespace')}:`;
  const wanted = value('serviceAccount');
  return wanted === '*' ? name.startsWith(account) : name === `${account}${wanted}`;
}

function has(rule: Json, field: string, value: string): boolean {
  const values = stringsAt(rule, field);
  return values.includes('*') || values.includes(value);
}

function fits(path: string): (pattern: string) => boolean {
  return (pattern) =>
    pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}
