import type { Labels } from '../../kinds/object.ts';

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
 */
export function wantsSidecar({
  namespace,
  labels,
  annotations,
  isOnHostNetwork,
}: InjectionSubject): boolean {
  if (isOnHostNetwork || EXEMPT_NAMESPACES.has(namespace)) return false;
  // Injected before, by the webhook or by `istioctl kube-inject`: once is enough.
  if (annotations['sidecar.istio.io/status'] !== undefined) return false;
  const own = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
  return own === undefined || own === 'true';
}
