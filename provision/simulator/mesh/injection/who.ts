import type { Labels } from '../../kinds/object.ts';

/** Namespaces that are never injected. */
const EXEMPT = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** What decides over a pod. */
export interface InjectionSubject {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly isOnHostNetwork: boolean;
}

/**
 * Whether istiod gives a sidecar to a pod that its webhook was shown; the webhook's selectors have looked at the namespace's
 * labels before (https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/).
 */
export function wantsSidecar({
  namespace,
  labels,
  annotations,
  isOnHostNetwork,
}: InjectionSubject): boolean {
  if (isOnHostNetwork || EXEMPT.has(namespace)) return false;
  const own = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
  return own === undefined || own === 'true';
}
