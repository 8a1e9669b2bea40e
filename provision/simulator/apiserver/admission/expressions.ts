/** Evaluates expressions about a request: what they may read and what they may cost. */
import type { Expression, MatchCondition } from '../../kinds/admission-policies/index.ts';
import { namespaceSchema, requestSchema } from '../../kinds/admission-policies/index.ts';
import {
  authorizerValue,
  resourceCheckValue,
  toValue,
  type Authorize,
  type CelValue,
  type Variables,
} from '../../kinds/cel/index.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { authorize } from '../auth/rbac.ts';
import { userInfo } from '../auth/reviews.ts';
import { asJson, objectAt, stringAt } from '../objects/json.ts';
import type { User } from '../rest/context.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionRequest } from './admission.ts';
import { isGenerated } from './webhooks/call.ts';

/** What is left of the cost that expressions may have together. */
export interface Budget {
  left: number;
}

export type Result =
  | { readonly type: 'value'; readonly value: CelValue }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'exhausted'; readonly message: string };

const EXHAUSTED =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** The value of an expression, or why it has none in upstream's words. */
export function evaluate(expression: Expression, variables: Variables, budget: Budget): Result {
  if (expression.type === 'broken') {
    return { type: 'error', message: `compilation error: ${expression.problem}` };
  }
  const { program } = expression;
  const outcome = program.evaluate(variables);
  budget.left -= outcome.cost;
  if (budget.left < 0) return { type: 'exhausted', message: EXHAUSTED };
  if (outcome.type === 'value') return { type: 'value', value: outcome.value };
  const message = `expression '${program.text}' resulted in error: ${outcome.message}`;
  return { type: 'error', message };
}

/** Whether all conditions hold; one that is false decides, whatever errors others end with. */
export function matchConditions(
  conditions: readonly MatchCondition[],
  variables: Variables,
  budget: Budget,
):
  | { readonly type: 'matched' | 'unmatched' }
  | { readonly type: 'error'; readonly message: string } {
  const problems: string[] = [];
  for (const { expression } of conditions) {
    const result = evaluate(expression, variables, budget);
    if (result.type === 'exhausted') return { type: 'error', message: result.message };
    if (result.type === 'error') problems.push(result.message);
    else if (result.value !== true) return { type: 'unmatched' };
  }
  if (problems.length === 0) return { type: 'matched' };
  const message = problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
  return { type: 'error', message };
}

/** The variables of a request, each made when an expression reads it. */
export function requestVariables(
  request: AdmissionRequest,
  store: Store,
  matched: Matched = {},
): Variables {
  const asked = authorizing(store, request.call.user);
  const make: Readonly<Record<string, () => CelValue>> = {
    object: () => toValue(matched.object ?? request.object ?? null),
    oldObject: () => toValue(matched.oldObject ?? request.oldObject ?? null),
    request: () => toValue(requestOf(request, matched), requestSchema),
    namespaceObject: () => toValue(namespaceOf(request, store), namespaceSchema),
    authorizer: () => authorizerValue(asked),
    'authorizer.requestResource': () =>
      resourceCheckValue(asked, {
        group: request.kind.group,
        resource: request.kind.plural,
        subresource: request.subresource,
        namespace: request.namespace,
        name: request.name,
      }),
  };
  const made = new Map<string, CelValue>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = Object.hasOwn(make, name) ? make[name]?.() : undefined;
    if (value !== undefined) made.set(name, value);
    return value;
  };
}

/** The version in which a policy has asked for the object, where that is not the request's. */
export interface Matched {
  readonly version?: string;
  readonly object?: JsonObject;
  readonly oldObject?: JsonObject;
}

function authorizing(store: Store, user: User): Authorize {
  return (question, { serviceAccount }) => {
    const who = serviceAccount ? accountUser(serviceAccount) : user;
    return authorize(store, who, question);
  };
}

function accountUser({
  namespace,
  name,
}: {
  readonly namespace: string;
  readonly name: string;
}): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ],
  };
}

const OPTIONS: Readonly<Record<AdmissionRequest['operation'], string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: 'ConnectOptions',
};

/** The variable `request` (admission.k8s.io/v1 AdmissionRequest, without its objects). */
function requestOf(request: AdmissionRequest, { version }: Matched): JsonObject {
  const { kind, subresource, name, namespace, operation, call } = request;
  const group = kind.group;
  const gvk = (of: string) => ({ group, version: of, kind: kind.kind });
  const gvr = (of: string) => ({ group, version: of, resource: kind.plural });
  const asked = version ?? kind.version;
  return {
    kind: gvk(asked),
    resource: gvr(asked),
    requestKind: gvk(kind.version),
    requestResource: gvr(kind.version),
    ...(subresource !== '' && { subResource: subresource, requestSubResource: subresource }),
    name: isGenerated(request) ? '' : name,
    ...(namespace !== '' && { namespace }),
    operation,
    userInfo: userInfo(call.user),
    dryRun: call.isDryRun,
    options: {
      apiVersion: 'meta.k8s.io/v1',
      kind: OPTIONS[operation],
      ...(call.fieldManager !== '' && { fieldManager: call.fieldManager }),
    },
  };
}

/** The variable `namespaceObject`; null for objects outside of namespaces, and for namespaces. */
function namespaceOf({ kind, namespace }: AdmissionRequest, store: Store): JsonObject | null {
  const isNamespace = kind.group === '' && kind.plural === 'namespaces';
  const found = isNamespace ? undefined : store.get('/namespaces', '', namespace);
  if (!found) return null;
  const object = asJson(found);
  const { uid, managedFields: _fields, ...metadata } = objectAt(object, 'metadata');
  return {
    metadata: { ...metadata, UID: stringAt({ uid: uid ?? '' }, 'uid') ?? '' },
    spec: objectAt(object, 'spec'),
    status: objectAt(object, 'status'),
  };
}
