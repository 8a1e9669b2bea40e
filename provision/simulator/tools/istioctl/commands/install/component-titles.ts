import type { ComponentName } from '../../../install/index.ts';

/** How progress names a component while it is installed, and what it says afterwards. */
export const COMPONENT_TITLES: Readonly<
  Record<ComponentName, { readonly name: string; readonly sign: string }>
> = {
  Base: { name: 'Istio core', sign: '⛵️' },
  Pilot: { name: 'Istiod', sign: '🧠' },
  IngressGateways: { name: 'Ingress gateways', sign: '🛬' },
  EgressGateways: { name: 'Egress gateways', sign: '🛫' },
};
