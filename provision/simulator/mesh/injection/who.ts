import { isObject, listAt, stringAt } from '../../kinds/json.ts';
import type { JsonObject, Labels } from '../../kinds/object.ts';
import { asLabelSelector } from '../../kinds/selectors/label-selector.ts';
import { matchesSelector } from '../../kinds/selectors/labels.ts';

/** Namespaces that are never injected. */
export const EXEMPT_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

/** What decides over a pod. */
export interface InjectionSubject {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly isOnHostNetwork: boolean;
}

/**
 * Whether a pod that istiod's webhook was shown is given a sidecar; the webhook's selectors have looked at the namespace's
 * labels before (https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/).
 * @param config key `config` of the injector's ConfigMap: policy, neverInjectSelector, alwaysInjectSelector
 */
export function wantsSidecar(
  { namespace, labels, annotations, isOnHostNetwork }: InjectionSubject,
  config: JsonObject = {},
): boolean {
  if (isOnHostNetwork || EXEMPT_NAMESPACES.has(namespace)) return false;
  // Injected before, by the webhook or by `istioctl kube-inject`: once is enough.
  if (annotations['sidecar.istio.io/status'] !== undefined) return false;
  const own = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'] ?? '';
  if (own !== '') return own === 'true';
  if (isSelected(config, 'neverInjectSelector', labels)) return false;
  if (isSelected(config, 'alwaysInjectSelector', labels)) return true;
  return stringAt(config, 'policy') !== 'disabled';
}

/** An empty selector picks nothing here, though it picks everything elsewhere. */
function isSelected(config: JsonObject, field: string, labels: Labels): boolean {
  return listAt(config, field).some((selector) => {
    if (!isObject(selector) || Object.keys(selector).length === 0) return false;
    const read = asLabelSelector(selector);
    return read !== undefined && matchesSelector(read, labels);
  });
}
