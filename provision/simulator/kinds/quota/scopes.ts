import { at, listAt, numberAt, objectAt, stringAt, stringsAt } from '../json.ts';
import type { Json, JsonObject, KubeObject } from '../object.ts';
import { allContainers, amountsOf } from './pod-resources.ts';

/** Whether a quota with scopes is about the object (Kubernetes documentation, "Quota scopes"); only pods have scopes. */
export function isInScope(quota: KubeObject, resource: string, object: JsonObject): boolean {
  const selectors = [
    ...stringsAt(quota, 'spec', 'scopes').map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...listAt(quota, 'spec', 'scopeSelector', 'matchExpressions'),
  ];
  if (selectors.length === 0) return true;
  return resource === '/pods' && selectors.every((selector) => isPodInScope(selector, object));
}

function isPodInScope(selector: Json, pod: JsonObject): boolean {
  switch (stringAt(selector, 'scopeName')) {
    case 'Terminating':
      return isTerminating(pod);
    case 'NotTerminating':
      return !isTerminating(pod);
    case 'BestEffort':
      return isBestEffort(pod);
    case 'NotBestEffort':
      return !isBestEffort(pod);
    case 'PriorityClass':
      return isOfPriorityClass(selector, stringAt(pod, 'spec', 'priorityClassName'));
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod);
    default:
      return false;
  }
}

function isTerminating(pod: JsonObject): boolean {
  return (numberAt(pod, 'spec', 'activeDeadlineSeconds') ?? -1) >= 0;
}

function isBestEffort(pod: JsonObject): boolean {
  return allContainers(objectAt(pod, 'spec')).every((container) => {
    const { cpu, memory } = {
      ...amountsOf(container, 'limits'),
      ...amountsOf(container, 'requests'),
    };
    return isNothing(cpu) && isNothing(memory);
  });
}

function isNothing(amount: string | undefined): boolean {
  return amount === undefined || amount === '0';
}

function isOfPriorityClass(selector: Json, className: string): boolean {
  const values = stringsAt(selector, 'values');
  switch (stringAt(selector, 'operator')) {
    case 'In':
      return values.includes(className);
    case 'NotIn':
      return !values.includes(className);
    case 'Exists':
      return className !== '';
    case 'DoesNotExist':
      return className === '';
    default:
      return false;
  }
}

function usesOtherNamespaces(pod: JsonObject): boolean {
  const terms = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => {
    const affinity = objectAt(pod, 'spec', 'affinity', kind);
    return [
      ...listAt(affinity, 'requiredDuringSchedulingIgnoredDuringExecution'),
      ...listAt(affinity, 'preferredDuringSchedulingIgnoredDuringExecution').map((one) =>
        objectAt(one, 'podAffinityTerm'),
      ),
    ];
  });
  return terms.some(
    (term) => listAt(term, 'namespaces').length > 0 || at(term, 'namespaceSelector') !== undefined,
  );
}
