import type { NetworkInterface } from '../../net/network.ts';
import type { ProxyConfiguration } from '../pilot/push/proxy-configuration.ts';

/**
 * Addresses of a name by what istiod says of services, for proxies that answer DNS for their pods
 * (https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/). undefined: the pod's own name server is asked.
 */
export function capturedAddresses(
  host: string,
  { dns }: NetworkInterface,
  configuration: ProxyConfiguration | undefined,
): readonly string[] | undefined {
  if (!configuration?.node.capturesDns || dns.isLocal(host)) return undefined;
  const { scope } = configuration;
  for (const name of dns.candidates(host.toLowerCase())) {
    const service = scope.service(name);
    const addresses = service && scope.addressesOf(service).filter((one) => !one.includes('/'));
    if (addresses?.length) return addresses;
  }
  return undefined;
}
