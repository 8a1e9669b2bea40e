import { fullHost } from '../../hosts.ts';
import type { Destination } from '../../istio/virtual-service.ts';
import { outboundName } from './clusters.ts';
import type { Scope } from './scope.ts';

/** The cluster that a destination means, whether it exists or not: the port given, else the service's only one, else that of the request. */
export function destinationCluster(
  { host, port, subset }: Destination,
  namespace: string,
  { scope, port: requestPort }: { readonly scope: Scope; readonly port: number },
): string {
  const full = fullHost(host, namespace);
  const service = scope.service(full);
  const ports = service?.ports ?? [];
  const only = ports.length === 1 ? ports[0]?.number : undefined;
  // Another name for a service leads to that service's own clusters.
  const own = service?.aliases?.includes(full) ? service.host : full;
  return outboundName(own, port?.number ?? only ?? requestPort, subset);
}
