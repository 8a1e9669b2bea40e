import type { JsonObject } from '../../kinds/object.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import { forbidden, notFound } from '../errors.ts';
import { isSame, listAt, objectAt, stringAt } from '../objects/json.ts';
import type { Store } from '../store/store.ts';
import { authorize, grantsOf, joined, MASTERS, RBAC_GROUP, roleOf } from './rbac.ts';
import { missingRights, quotedList } from './rule-cover.ts';

const ROLES = new Set(['roles', 'clusterroles']);
const BINDINGS = new Set(['rolebindings', 'clusterrolebindings']);
const EVERYTHING = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/**
 * Nobody gives rights away that they do not have (Kubernetes documentation, "Privilege escalation prevention and
 * bootstrapping"). Upstream asks after mutating admission and before validation, so it stands last among the mutations.
 */
export function escalationPrevention(store: Store): AdmissionPlugin {
  return {
    mutate(request, object) {
      const { kind, subresource, operation, call } = request;
      const isConcerned = kind.group === RBAC_GROUP && subresource === '' && operation !== 'DELETE';
      if (!isConcerned || call.isInternal || call.user.groups.includes(MASTERS)) {
        return object;
      }
      if (ROLES.has(kind.plural)) checkRole(store, request, object);
      if (BINDINGS.has(kind.plural)) checkBinding(store, request, object);
      return object;
    },
  };
}

function checkRole(store: Store, request: AdmissionRequest, role: JsonObject): void {
  const { oldObject } = request;
  const isUnchanged =
    oldObject !== undefined &&
    isSame(listAt(oldObject, 'rules'), listAt(role, 'rules')) &&
    isSame(oldObject['aggregationRule'], role['aggregationRule']);
  if (isUnchanged || may(store, request, { verb: 'escalate' })) return;
  confirm(store, request, listAt(role, 'rules'));
  if (role['aggregationRule'] === undefined) return;
  if (missing(store, request, EVERYTHING).length > 0) {
    throw forbidden(
      request.kind,
      request.name,
      'must have cluster-admin privileges to use the aggregationRule',
    );
  }
}

function checkBinding(store: Store, request: AdmissionRequest, binding: JsonObject): void {
  const ref = objectAt(binding, 'roleRef');
  const name = stringAt(ref, 'name') ?? '';
  const plural = stringAt(ref, 'kind') === 'Role' ? 'roles' : 'clusterroles';
  if (may(store, request, { verb: 'bind', resource: plural, name })) return;
  const role = roleOf(store, ref, request.namespace);
  if (!role) throw notFound({ group: RBAC_GROUP, plural }, name);
  confirm(store, request, listAt(role, 'rules'));
}

function may(
  store: Store,
  { kind, name, namespace, call }: AdmissionRequest,
  asked: { readonly verb: string; readonly resource?: string; readonly name?: string },
): boolean {
  return authorize(store, call.user, {
    type: 'resource',
    group: RBAC_GROUP,
    resource: kind.plural,
    subresource: '',
    name,
    namespace,
    ...asked,
  }).isAllowed;
}

function confirm(store: Store, request: AdmissionRequest, rules: ReturnType<typeof listAt>): void {
  const lacking = missing(store, request, rules);
  if (lacking.length === 0) return;
  const { user } = request.call;
  const { problems } = grantsOf(store, user, request.namespace);
  const after = problems.length === 0 ? '' : `; resolution errors: ${joined(problems)}`;
  throw forbidden(
    request.kind,
    request.name,
    `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lacking.join('\n')}${after}`,
  );
}

function missing(
  store: Store,
  { namespace, call }: AdmissionRequest,
  rules: ReturnType<typeof listAt>,
): readonly string[] {
  return missingRights(grantsOf(store, call.user, namespace).rules, rules);
}
