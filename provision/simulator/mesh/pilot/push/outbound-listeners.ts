import type { FilterChain, Listener } from '../../xds/listener.ts';
import type { ProxyNode } from '../node.ts';
import { isHttp, isTls, type Protocol } from '../registry/protocol.ts';
import { isHeadless, type MeshPort, type MeshService } from '../registry/service.ts';
import { BLACK_HOLE, outboundName, PASSTHROUGH } from './clusters.ts';
import { httpFilters } from './http-filters.ts';
import { type L4Source, tcpChoices, tlsChoices } from './l4-routes.ts';
import type { Scope } from './scope.ts';
import { tcpProxy } from './tcp-proxy.ts';

const OUTBOUND_PORT = 15_001;
const ANY_ADDRESS = '0.0.0.0';

/** A sidecar, and what it sees. */
export interface Client {
  readonly scope: Scope;
  readonly node: ProxyNode;
}

/**
 * The listeners of one port by address: that of an address itself (TCP, and ports whose protocol is found out), and `0.0.0.0` for
 * HTTP, where the Host header decides, and for what has no address. Of services that want the same listener for different
 * protocols the oldest counts, as with Istio.
 */
export function listenersOn(port: number, client: Client): ReadonlyMap<string, Listener> {
  const drafts = new Map<string, Draft>();
  for (const service of client.scope.servicesOn(port).toSorted(byAge)) {
    for (const own of service.ports) {
      if (own.number === port && own.protocol !== 'UDP') addPort(drafts, service, own, client);
    }
  }
  return new Map(
    [...drafts].map(([address, draft]) => [address, listenerOf(address, port, { draft, client })]),
  );
}

/** Every outbound listener of a proxy; requests look at those of one port. */
export function outboundListeners(
  client: Client,
  on: (port: number) => ReadonlyMap<string, Listener>,
): readonly Listener[] {
  const { scope } = client;
  return [...scope.ports().flatMap((port) => [...on(port).values()]), virtualOutbound(scope)];
}

/** Takes what no other listener is for: on to where it wanted to go, or nowhere (outboundTrafficPolicy). */
export function virtualOutbound(scope: Scope): Listener {
  return {
    name: 'virtualOutbound',
    address: ANY_ADDRESS,
    port: OUTBOUND_PORT,
    direction: 'OUTBOUND',
    isVirtual: false,
    chains: [
      {
        name: 'virtualOutbound-blackhole',
        match: { destinationPort: OUTBOUND_PORT },
        filter: tcpProxy(BLACK_HOLE),
      },
      {
        name: 'virtualOutbound-catchall-tcp',
        match: {},
        filter: tcpProxy(unknownCluster(scope)),
      },
    ],
  };
}

function unknownCluster({ allowsAny }: Scope): string {
  return allowsAny ? PASSTHROUGH : BLACK_HOLE;
}

/** A listener that services add themselves to. */
interface Draft {
  /** HTTP services of a port share one listener; the others add chains. */
  readonly isHttp: boolean;
  readonly chains: FilterChain[];
}

function byAge(one: MeshService, other: MeshService): number {
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt ? -1 : 1;
  return one.host < other.host ? -1 : one.host > other.host ? 1 : 0;
}

/** Where a service's port is listened for, with the addresses that tell it apart there. */
interface Place {
  readonly address: string;
  readonly ranges: readonly string[];
}

function addPort(
  drafts: Map<string, Draft>,
  service: MeshService,
  port: MeshPort,
  client: Client,
): void {
  const egress = client.scope.egress.find((one) => one.port === port.number);
  const protocol = egress?.protocol ?? port.protocol;
  const http = isHttp(protocol);
  const places: readonly Place[] = egress?.bind
    ? [{ address: egress.bind, ranges: [] }]
    : placesOf(service, port, { protocol, scope: client.scope });
  for (const place of places) {
    let draft = drafts.get(place.address);
    if (!draft) {
      draft = { isHttp: http, chains: [] };
      drafts.set(place.address, draft);
    }
    if (draft.isHttp !== http) continue;
    if (http) {
      if (draft.chains.length === 0) draft.chains.push(httpChain(String(port.number), client));
    } else addChains(draft, chainsOf(service, { ...port, protocol }, place, client));
  }
}

function placesOf(
  service: MeshService,
  { endpoints }: MeshPort,
  { protocol, scope }: { readonly protocol: Protocol; readonly scope: Scope },
): readonly Place[] {
  const anywhere = [{ address: ANY_ADDRESS, ranges: [] }];
  if (isHttp(protocol)) return anywhere;
  const addresses = scope.addressesOf(service);
  if (isHeadless(service) && !isTls(protocol)) {
    return endpoints.map(({ ip }) => ({ address: ip, ranges: [] }));
  }
  if (addresses.length === 0) return anywhere;
  return addresses.map((address) =>
    address.includes('/') ? { address: ANY_ADDRESS, ranges: [address] } : { address, ranges: [] },
  );
}

/** Of chains for the same connections the first stays. */
function addChains(draft: Draft, chains: readonly FilterChain[]): void {
  for (const chain of chains) {
    const key = JSON.stringify(chain.match);
    if (!draft.chains.some(({ match }) => JSON.stringify(match) === key)) draft.chains.push(chain);
  }
}

function chainsOf(
  service: MeshService,
  port: MeshPort,
  { address, ranges }: Place,
  client: Client,
): readonly FilterChain[] {
  const { scope, node } = client;
  const { labels, namespace } = node;
  const source: L4Source = { scope, labels, namespace, gateways: ['mesh'], port: port.number };
  const cluster = outboundName(service.host, port.number);
  const owner = scope.virtualServiceFor(service.host);
  const within = (own: readonly string[]) => {
    const found = own.length > 0 ? own : ranges;
    return found.length > 0 ? { prefixRanges: found.map(withLength) } : {};
  };
  if (isTls(port.protocol)) {
    const chosen = owner ? tlsChoices(owner, source) : [];
    if (chosen.length > 0) {
      return chosen.map(({ serverNames, subnets, proxy }) => ({
        name: cluster,
        match: { ...within(subnets), serverNames },
        filter: proxy,
      }));
    }
    const byName = address === ANY_ADDRESS && ranges.length === 0;
    const match = byName ? { serverNames: [service.host] } : within([]);
    return [{ name: cluster, match, filter: tcpProxy(cluster) }];
  }
  const chosen = owner ? tcpChoices(owner, source) : [];
  const tcp = chosen.map(({ subnets, proxy }) => ({
    name: cluster,
    match: within(subnets),
    filter: proxy,
  }));
  const takesAll = chosen.some(({ subnets }) => subnets.length === 0);
  if (!takesAll) tcp.push({ name: cluster, match: within([]), filter: tcpProxy(cluster) });
  if (port.protocol !== 'Auto') return tcp;
  const http = httpChain(`${service.host}:${port.number}`, client);
  return [{ ...http, match: { ...http.match, ...within([]) } }, ...tcp];
}

function withLength(range: string): string {
  return range.includes('/') ? range : `${range}/32`;
}

function listenerOf(
  address: string,
  port: number,
  { draft, client }: { readonly draft: Draft; readonly client: Client },
): Listener {
  const takesAll = draft.chains.some(({ match }) => Object.keys(match).length === 0);
  return {
    name: `${address}_${port}`,
    address,
    port,
    direction: 'OUTBOUND',
    isVirtual: true,
    chains: draft.chains,
    ...(!takesAll && {
      defaultChain: {
        name: 'PassthroughFilterChain',
        match: {},
        filter: tcpProxy(unknownCluster(client.scope)),
      },
    }),
  };
}

/** What the HTTP inspector says of plain HTTP. */
export const PLAIN_HTTP: readonly string[] = ['http/1.1', 'h2c'];

function httpChain(routes: string, { scope, node }: Client): FilterChain {
  const port = Number(routes.split(':').at(-1));
  return {
    name: routes,
    match: { transport: 'raw_buffer', applicationProtocols: PLAIN_HTTP },
    filter: {
      type: 'http',
      direction: 'OUTBOUND',
      isEdge: false,
      routes,
      filters: httpFilters(scope.mesh, node, { context: 'SIDECAR_OUTBOUND', port }),
    },
  };
}
