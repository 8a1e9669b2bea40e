import { bySpecificity, fullHost, matchesHost } from '../../hosts.ts';
import type { VirtualService } from '../../istio/virtual-service.ts';
import type { Route, RouteConfiguration, VirtualHost } from '../../xds/route.ts';
import { isGatewayApi } from '../route-semantics.ts';
import { patchedRoutes } from './envoy-filters.ts';
import { admits, type BoundServer, gatewayRouteName, withoutNamespace } from './gateway-servers.ts';
import { lazyHost } from './lazy-host.ts';
import type { Client } from './outbound-listeners.ts';
import { isCatchAll, type RouteSource, virtualServiceRoutes } from './virtual-service-routes.ts';

/** What makes the routes of one host. */
interface Draft {
  readonly makers: (() => readonly Route[])[];
  requiresTls: boolean;
}

/**
 * A gateway's routes by name: the VirtualServices bound to the servers that share it. Rules of the same host merge in order of age,
 * those that take everything last (https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services).
 */
export function gatewayRoutes(
  name: string,
  servers: readonly BoundServer[],
  client: Client,
): RouteConfiguration {
  const drafts = new Map<string, Draft>();
  const draftOf = (host: string) => {
    let draft = drafts.get(host);
    if (!draft) {
      draft = { makers: [], requiresTls: false };
      drafts.set(host, draft);
    }
    return draft;
  };
  const own = servers.filter((server) => gatewayRouteName(server) === name);
  for (const bound of own) {
    const redirects = bound.server.tls?.httpsRedirect === true;
    for (const { host, service, source } of boundHosts(bound, client)) {
      const draft = draftOf(host);
      draft.makers.push(() => virtualServiceRoutes(service, source));
      draft.requiresTls ||= redirects;
    }
    // Hosts without a route are redirected as well.
    if (!redirects) continue;
    for (const host of bound.server.hosts) draftOf(withoutNamespace(host)).requiresTls = true;
  }
  const port = own[0]?.port ?? 0;
  const hosts = [...drafts].map(([host, draft]) => hostOf(host, port, draft));
  const routes = {
    name,
    virtualHosts:
      hosts.length > 0
        ? hosts.toSorted(byDomain)
        : [{ name: `blackhole:${port}`, domains: ['*'], routes: [] }],
  };
  const { scope, node } = client;
  return patchedRoutes(routes, { mesh: scope.mesh, node }, { context: 'GATEWAY', port });
}

function hostOf(host: string, port: number, { makers, requiresTls }: Draft): VirtualHost {
  const made = lazyHost(`${host}:${port}`, [host], () => inOrder(makers.flatMap((make) => make())));
  if (!requiresTls) return made;
  return { name: made.name, domains: made.domains, requiresTls, routes: made.routes };
}

interface BoundHost {
  readonly host: string;
  readonly service: VirtualService;
  readonly source: RouteSource;
}

/** The hosts of VirtualServices that a server takes, with what makes their routes. */
function boundHosts(bound: BoundServer, { scope, node }: Client): readonly BoundHost[] {
  return boundServices(bound, scope.virtualServices).flatMap(({ service, namespace, gateways }) =>
    hostsOn(bound, service, namespace).map((host) => ({
      host,
      service,
      source: {
        scope,
        labels: node.labels,
        namespace: node.namespace,
        gateways,
        port: bound.server.port.number,
        host,
      },
    })),
  );
}

interface BoundService {
  readonly service: VirtualService;
  readonly namespace: string;
  /** Names under which its rules may mean the gateway. */
  readonly gateways: readonly string[];
}

/** VirtualServices that name a server's Gateway. */
export function boundServices(
  { gatewayName }: BoundServer,
  services: readonly VirtualService[],
): readonly BoundService[] {
  return services.flatMap((service): readonly BoundService[] => {
    const { namespace = 'default' } = service.metadata;
    const isBound = (service.spec?.gateways ?? []).some(
      (name) => (name.includes('/') ? name : `${namespace}/${name}`) === gatewayName,
    );
    // Written short, a gateway is one of the VirtualService's own namespace.
    const short = gatewayName.startsWith(`${namespace}/`)
      ? [gatewayName.slice(namespace.length + 1)]
      : [];
    return isBound ? [{ service, namespace, gateways: [gatewayName, ...short] }] : [];
  });
}

/** Of a VirtualService's hosts those that the server admits; where the server's is narrower, the server's. */
export function hostsOn(
  bound: BoundServer,
  service: VirtualService,
  namespace: string,
): readonly string[] {
  const own = (service.spec?.hosts ?? []).map((host) => fullHost(host, namespace));
  return own.flatMap((host) => {
    if (!admits(bound, namespace, host)) return [];
    if (!isGatewayApi(service)) return [host];
    const narrower = bound.server.hosts
      .map(withoutNamespace)
      .filter((one) => one !== host && matchesHost(host, one));
    return narrower.length > 0 ? narrower : [host];
  });
}

function inOrder(routes: readonly Route[]): readonly Route[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}

function byDomain(one: VirtualHost, other: VirtualHost): number {
  return bySpecificity(one.domains[0] ?? '', other.domains[0] ?? '');
}
