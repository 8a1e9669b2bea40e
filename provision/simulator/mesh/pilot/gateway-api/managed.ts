import { fullHost } from '../../hosts.ts';
import type { GatewayClass, KubernetesGateway } from './kinds.ts';

/** Controllers of GatewayClasses that are Istio's. */
export const GATEWAY_CONTROLLER = 'istio.io/gateway-controller';
export const UNMANAGED_CONTROLLER = 'istio.io/unmanaged-gateway';

const BUILT_IN: Readonly<Record<string, string>> = {
  istio: GATEWAY_CONTROLLER,
  'istio-remote': UNMANAGED_CONTROLLER,
};

/** The controller of a Gateway's class; undefined for classes that nobody has made. */
export function controllerOf(
  { spec }: KubernetesGateway,
  classes: readonly GatewayClass[],
): string | undefined {
  const name = spec?.gatewayClassName ?? '';
  const own = classes.find(({ metadata }) => metadata.name === name);
  return own ? own.spec?.controllerName : BUILT_IN[name];
}

/** Whether istiod makes the Deployment and the Service; not where an address names a Service that exists. */
export function isManaged({ spec }: KubernetesGateway): boolean {
  const [address, ...others] = spec?.addresses ?? [];
  if (!address) return true;
  return others.length === 0 && (address.type ?? 'IPAddress') === 'IPAddress';
}

/** Name of the objects that are made for a Gateway: `bookinfo-gateway-istio`. */
export function managedName({ metadata, spec }: KubernetesGateway): string {
  const own = metadata.annotations?.['gateway.istio.io/name-override'];
  return own ?? `${metadata.name}-${spec?.gatewayClassName ?? ''}`;
}

/** Full names of the Services that a Gateway is reached by. */
export function gatewayServices(gateway: KubernetesGateway): readonly string[] {
  const { namespace = 'default' } = gateway.metadata;
  if (isManaged(gateway)) return [fullHost(managedName(gateway), namespace)];
  return (gateway.spec?.addresses ?? [])
    .filter(({ type = 'Hostname' }) => type === 'Hostname')
    .map(({ value }) => fullHost(value, namespace));
}
