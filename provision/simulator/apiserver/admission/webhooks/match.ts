import type { JsonObject, Json } from '../../../kinds/object.ts';
import { matchesSelector } from '../../../kinds/selectors/labels.ts';
import { at, listAt, objectAt, stringMapAt, stringsAt } from '../../objects/json.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionRequest } from '../admission.ts';

/** Whether a webhook wants to be asked about a request (Kubernetes documentation, "Matching requests"). */
export function isWanted(webhook: Json, request: AdmissionRequest, store: Store): boolean {
  return (
    listAt(webhook, 'rules').some((rule) => isRuleMatched(rule, request)) &&
    isNamespaceMatched(webhook, request, store) &&
    isObjectMatched(webhook, request)
  );
}

/** Whether a rule (admissionregistration.k8s.io/v1 RuleWithOperations) is about a request. */
export function isRuleMatched(
  rule: Json,
  { operation, kind, subresource }: AdmissionRequest,
): boolean {
  const has = (key: string, value: string) => {
    const values = stringsAt(rule, key);
    return values.includes('*') || values.includes(value);
  };
  const scope = at(rule, 'scope') ?? '*';
  const isInScope = scope === '*' || (scope === 'Namespaced') === kind.isNamespaced;
  return (
    isInScope &&
    has('operations', operation) &&
    has('apiGroups', kind.group) &&
    has('apiVersions', kind.version) &&
    stringsAt(rule, 'resources').some((resource) =>
      isResourceMatched(resource, kind.plural, subresource),
    )
  );
}

function isResourceMatched(rule: string, plural: string, subresource: string): boolean {
  const [resource, part] = rule.split('/', 2);
  if (part === undefined) {
    return subresource === '' && (resource === '*' || resource === plural);
  }
  return (resource === '*' || resource === plural) && (part === '*' || part === subresource);
}

/** Whether the request's namespace has the labels that are asked for. */
export function isNamespaceMatched(
  webhook: Json,
  request: AdmissionRequest,
  store: Store,
): boolean {
  const selector = objectAt(webhook, 'namespaceSelector');
  const { kind, namespace, object, oldObject } = request;
  const isNamespace = kind.group === '' && kind.plural === 'namespaces';
  if (isNamespace) return matches(selector, object ?? oldObject);
  if (!kind.isNamespaced) return true;
  const found = store.get('/namespaces', '', namespace);
  return found === undefined || matches(selector, found);
}

/** Whether the object, as it is or as it was, has the labels that are asked for. */
export function isObjectMatched(webhook: Json, { object, oldObject }: AdmissionRequest): boolean {
  const selector = objectAt(webhook, 'objectSelector');
  return [object, oldObject].some((one) => one !== undefined && matches(selector, one));
}

function matches(selector: JsonObject, object: object | undefined): boolean {
  return matchesSelector(selector, stringMapAt(object, 'metadata', 'labels'));
}
