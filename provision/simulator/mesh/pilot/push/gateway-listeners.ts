import { matchesHost } from '../../hosts.ts';
import type { DownstreamTls, FilterChain, Listener, TcpProxy } from '../../xds/listener.ts';
import { outboundNames, sniName } from './clusters.ts';
import { boundServices, hostsOn } from './gateway-routes.ts';
import {
  type BoundServer,
  endsTls,
  gatewayRouteName,
  isHttpServer,
  withoutNamespace,
} from './gateway-servers.ts';
import { httpFilters } from './http-filters.ts';
import { type L4Source, tcpChoices, tlsChoices } from './l4-routes.ts';
import type { Client } from './outbound-listeners.ts';
import { securityFilters } from './security/filters.ts';
import { tcpProxy } from './tcp-proxy.ts';
import { trustedProxies } from './trusted-proxies.ts';

/** One listener for each address and port that the servers of a gateway ask for; none where no route leads anywhere. */
export function gatewayListeners(
  servers: readonly BoundServer[],
  client: Client,
): readonly Listener[] {
  const places = Map.groupBy(servers, ({ bind, port }) => `${bind}_${port}`);
  return [...places].flatMap(([name, bound]): readonly Listener[] => {
    const chains = chainsOf(bound, client);
    const [first] = bound;
    if (!first || chains.length === 0) return [];
    const { bind, port } = first;
    return [{ name, address: bind, port, direction: 'OUTBOUND', isVirtual: false, chains }];
  });
}

/** Plain HTTP servers of a port share one chain; each that ends TLS has its own, by SNI. */
function chainsOf(servers: readonly BoundServer[], client: Client): readonly FilterChain[] {
  const chains = new Map<string, FilterChain>();
  for (const bound of servers) {
    const own = isHttpServer(bound) ? [httpChain(bound, client)] : byteChains(bound, client);
    for (const chain of own) {
      const key = isHttpServer(bound) ? chain.name : JSON.stringify(chain.match);
      if (!chains.has(key)) chains.set(key, chain);
    }
  }
  return [...chains.values()];
}

function httpChain(bound: BoundServer, { scope, node }: Client): FilterChain {
  const routes = gatewayRouteName(bound);
  const tls = tlsOf(bound);
  return {
    name: routes,
    match: tls ? serverNames(bound.server.hosts.map(withoutNamespace)) : {},
    ...(tls && { tls }),
    filter: {
      type: 'http',
      direction: 'OUTBOUND',
      isEdge: true,
      trustedProxies: trustedProxies(scope.mesh, node),
      routes,
      filters: httpFilters(scope.mesh, node, { context: 'GATEWAY', port: bound.port }),
    },
  };
}

/** undefined where bytes go on as they come. */
function tlsOf({ server: { tls }, gateway }: BoundServer): DownstreamTls | undefined {
  if (!tls || tls.httpsRedirect || !endsTls(tls.mode)) return undefined;
  if (tls.mode === 'ISTIO_MUTUAL') return { type: 'istio' };
  // Gateways of the Gateway API may name a Secret of a namespace that grants it.
  const [, namespace, credentialName] = OTHER_NAMESPACE.exec(tls.credentialName ?? '') ?? [];
  if (namespace !== undefined && credentialName !== undefined) {
    return { type: 'server', settings: { ...tls, credentialName }, namespace };
  }
  return { type: 'server', settings: tls, namespace: gateway.metadata.namespace ?? 'default' };
}

const OTHER_NAMESPACE = /^kubernetes-gateway:\/\/([^/]+)\/(.+)$/;

function serverNames(hosts: readonly string[]): FilterChain['match'] {
  return hosts.length === 0 || hosts.includes('*') ? {} : { serverNames: hosts };
}

/** Chains of servers for TCP and TLS, from the `tcp` and `tls` rules of the VirtualServices that are bound. */
function byteChains(bound: BoundServer, client: Client): readonly FilterChain[] {
  const { tls } = bound.server;
  if (tls?.mode === 'AUTO_PASSTHROUGH') return sniChains(bound, client);
  const isPassed = tls !== undefined && !endsTls(tls.mode);
  return isPassed ? passedChains(bound, client) : openedChains(bound, client);
}

function sourceOf(bound: BoundServer, gateways: readonly string[], client: Client): L4Source {
  const { labels, namespace } = client.node;
  return { scope: client.scope, labels, namespace, gateways, port: bound.server.port.number };
}

/** TLS that ends elsewhere: told apart by SNI alone. */
function passedChains(bound: BoundServer, client: Client): readonly FilterChain[] {
  return boundServices(bound, client.scope.virtualServices).flatMap(
    ({ service, namespace, gateways }) => {
      if (hostsOn(bound, service, namespace).length === 0) return [];
      return tlsChoices(service, sourceOf(bound, gateways, client)).map(
        ({ serverNames: names, subnets, proxy }): FilterChain => ({
          name: names.join(','),
          match: {
            ...serverNames(names),
            ...(subnets.length > 0 && { prefixRanges: subnets }),
          },
          filter: secured(proxy, client),
        }),
      );
    },
  );
}

/** Bytes as they come, or after TLS has ended here: the first rule that holds takes them all. */
function openedChains(bound: BoundServer, client: Client): readonly FilterChain[] {
  const tls = tlsOf(bound);
  const hosts = bound.server.hosts.map(withoutNamespace);
  for (const { service, namespace, gateways } of boundServices(
    bound,
    client.scope.virtualServices,
  )) {
    if (hostsOn(bound, service, namespace).length === 0) continue;
    const [choice] = tcpChoices(service, sourceOf(bound, gateways, client));
    if (!choice) continue;
    return [
      {
        name: `${bound.bind}_${bound.port}`,
        match: tls ? serverNames(hosts) : {},
        ...(tls && { tls }),
        filter: secured(choice.proxy, client),
      },
    ];
  }
  return [];
}

/** Mutual TLS of the mesh handed on by the SNI that names its cluster, as between networks. */
function sniChains(bound: BoundServer, client: Client): readonly FilterChain[] {
  return sniClusters([bound], client).map((name) => ({
    name,
    match: { serverNames: [name], transport: 'tls' },
    filter: secured(tcpProxy(name), client),
  }));
}

/** Names of the clusters that servers with AUTO_PASSTHROUGH hand connections on to. */
export function sniClusters(servers: readonly BoundServer[], { scope }: Client): readonly string[] {
  const hosts = servers
    .filter(({ server }) => server.tls?.mode === 'AUTO_PASSTHROUGH')
    .flatMap(({ server }) => server.hosts.map(withoutNamespace));
  if (hosts.length === 0) return [];
  const services = scope.services.filter(({ host }) => hosts.some((one) => matchesHost(one, host)));
  return outboundNames(scope, { services, name: sniName });
}

function secured(proxy: TcpProxy, { scope, node }: Client): TcpProxy {
  return { ...proxy, filters: securityFilters(scope.mesh, node).tcp };
}
