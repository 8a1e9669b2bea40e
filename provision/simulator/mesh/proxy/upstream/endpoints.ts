import type { Peer } from '../../../net/http.ts';
import type { NetworkInterface } from '../../../net/network.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';

/** Where a caller wanted to go. */
export interface Wanted extends Peer {
  /** Host of the request, for clusters that look names up request by request. */
  readonly name?: string;
}

/**
 * The endpoints of a cluster as they are now: those that istiod sent, those that its names resolve to, or for ORIGINAL_DST the address
 * that the caller meant.
 */
export function currentEndpoints(
  { type, endpoints, names = [] }: Cluster,
  destination: Wanted,
  network: NetworkInterface,
): readonly Endpoint[] {
  if (type === 'EDS' || type === 'STATIC') return endpoints;
  if (type === 'ORIGINAL_DST') {
    return [endpoints.find((one) => isAt(one, destination)) ?? plain(destination)];
  }
  if (type === 'DYNAMIC_FORWARD_PROXY') {
    const [ip = destination.ip] = network.resolve(destination.name ?? destination.ip);
    return [plain({ ip, port: names[0]?.port ?? destination.port })];
  }
  // LOGICAL_DNS connects to the first address alone.
  const limit = type === 'LOGICAL_DNS' ? 1 : undefined;
  return names.flatMap(({ name, port }) =>
    network
      .resolve(name)
      .slice(0, limit)
      .map((ip) => plain({ ip, port })),
  );
}

const addresses = new WeakMap<Endpoint, string>();

/** `10.244.1.5:9080`, by which things are kept for an endpoint; made once for all requests that go there. */
export function addressOf(endpoint: Endpoint): string {
  let address = addresses.get(endpoint);
  if (address === undefined) {
    address = `${endpoint.ip}:${endpoint.port}`;
    addresses.set(endpoint, address);
  }
  return address;
}

function isAt(endpoint: Endpoint, { ip, port }: Peer): boolean {
  return endpoint.ip === ip && endpoint.port === port;
}

/** Somewhere outside of what istiod knows: no labels, no proxy. */
function plain({ ip, port }: Peer): Endpoint {
  return { ip, port, labels: {}, workload: undefined, hasSidecar: false };
}
