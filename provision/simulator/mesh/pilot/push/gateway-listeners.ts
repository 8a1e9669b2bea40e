import type { FilterChain, Listener } from '../../xds/listener.ts';
import { withoutNamespace } from './gateway-routes.ts';
import { type BoundServer, gatewayRouteName, isHttpServer } from './gateway-servers.ts';

/** One listener for each port that the servers of a gateway ask for. */
export function gatewayListeners(servers: readonly BoundServer[]): readonly Listener[] {
  return [...Map.groupBy(servers, ({ port }) => port)].map(([port, bound]): Listener => ({
    name: `0.0.0.0_${port}`,
    address: '0.0.0.0',
    port,
    direction: 'OUTBOUND',
    isVirtual: false,
    chains: chainsOf(bound),
  }));
}

/** Plain HTTP servers of a port share one chain; each that ends TLS has its own, by SNI. */
function chainsOf(bound: readonly BoundServer[]): readonly FilterChain[] {
  const chains = new Map<string, FilterChain>();
  for (const server of bound.filter(isHttpServer)) {
    const name = gatewayRouteName(server);
    if (!chains.has(name)) chains.set(name, httpChain(name, server));
  }
  return [...chains.values()];
}

function httpChain(name: string, { gateway, server }: BoundServer): FilterChain {
  const isSecure = server.tls !== undefined && !server.tls.httpsRedirect;
  const names = server.hosts.map(withoutNamespace);
  return {
    name,
    match: isSecure && !names.includes('*') ? { serverNames: names } : {},
    ...(isSecure && {
      tls:
        server.tls.mode === 'ISTIO_MUTUAL'
          ? { type: 'istio' }
          : {
              type: 'server',
              settings: server.tls,
              namespace: gateway.metadata.namespace ?? 'default',
            },
    }),
    filter: { type: 'http', direction: 'OUTBOUND', isEdge: true, routes: name, filters: [] },
  };
}
