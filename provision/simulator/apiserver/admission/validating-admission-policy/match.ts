import type { Json } from '../../../kinds/object.ts';
import { convert } from '../../objects/convert.ts';
import { at, listAt, stringsAt } from '../../objects/json.ts';
import { groupVersion, storageKey, type ServedKinds } from '../../served-kinds.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { Matched } from '../expressions.ts';
import { isObjectMatched, isNamespaceMatched, isRuleMatched } from '../webhooks/match.ts';

/** As what a policy's matchConstraints or a binding's matchResources want a request; undefined when they do not want it. */
export function matchedAs(
  resources: Json | undefined,
  request: AdmissionRequest,
  store: Store,
  kinds: ServedKinds,
): Matched | undefined {
  if (resources === undefined) return {};
  if (!isNamespaceMatched(resources, request, store) || !isObjectMatched(resources, request)) {
    return undefined;
  }
  const isExact = at(resources, 'matchPolicy') === 'Exact';
  const versions = [request, ...(isExact ? [] : inOtherVersions(request, kinds))];
  const excluded = listAt(resources, 'excludeResourceRules');
  if (excluded.some((rule) => versions.some((one) => isNamedRuleMatched(rule, one)))) {
    return undefined;
  }
  const rules = listAt(resources, 'resourceRules');
  // A binding without rules narrows nothing.
  if (rules.length === 0) return {};
  const found = versions.find((one) => rules.some((rule) => isNamedRuleMatched(rule, one)));
  if (!found) return undefined;
  return found === request ? {} : converted(found);
}

function isNamedRuleMatched(rule: Json, request: AdmissionRequest): boolean {
  const names = stringsAt(rule, 'resourceNames');
  return (names.length === 0 || names.includes(request.name)) && isRuleMatched(rule, request);
}

/** The same request for the other served versions of its resource (matchPolicy Equivalent). */
function inOtherVersions(
  request: AdmissionRequest,
  kinds: ServedKinds,
): readonly AdmissionRequest[] {
  const { kind } = request;
  return kinds
    .all()
    .filter((other) => other !== kind && other.kind === kind.kind)
    .filter((other) => storageKey(other) === storageKey(kind))
    .map((other) => ({ ...request, kind: other }));
}

function converted({ kind, object, oldObject }: AdmissionRequest): Matched {
  const apiVersion = groupVersion(kind);
  return {
    version: kind.version,
    ...(object && { object: convert(object, apiVersion) }),
    ...(oldObject && { oldObject: convert(oldObject, apiVersion) }),
  };
}
