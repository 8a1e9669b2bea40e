import type { Route, RouteConfiguration, VirtualHost } from '../../xds/route.ts';
import { bySpecificity, fullHost, overlaps } from '../hosts.ts';
import type { ProxyNode } from '../node.ts';
import { type BoundServer, gatewayRouteName } from './gateway-servers.ts';
import { lazyHost } from './outbound-routes.ts';
import type { Scope } from './scope.ts';
import { isCatchAll, virtualServiceRoutes } from './virtual-service-routes.ts';

/**
 * A gateway's routes by name: the VirtualServices bound to the servers that share it. Rules of the same host merge in order of age,
 * those that take everything last (https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services).
 */
export function gatewayRoutes(
  name: string,
  servers: readonly BoundServer[],
  client: { readonly scope: Scope; readonly node: ProxyNode },
): RouteConfiguration {
  const makers = new Map<string, (() => readonly Route[])[]>();
  const redirects = new Set<string>();
  const own = servers.filter((server) => gatewayRouteName(server) === name);
  for (const bound of own) {
    for (const [host, make] of hostsOf(bound, client)) {
      makers.set(host, [...(makers.get(host) ?? []), make]);
      if (bound.server.tls?.httpsRedirect) redirects.add(host);
    }
    if (bound.server.tls?.httpsRedirect) {
      for (const host of bound.server.hosts.map(withoutNamespace)) redirects.add(host);
    }
  }
  for (const host of redirects) if (!makers.has(host)) makers.set(host, []);
  const port = own[0]?.server.port.number ?? 0;
  const hosts = [...makers].map(([host, parts]): VirtualHost => {
    const made = lazyHost(`${host}:${port}`, [host], () =>
      inOrder(parts.flatMap((part) => part())),
    );
    return redirects.has(host)
      ? { name: made.name, domains: made.domains, routes: [], requiresTls: true }
      : made;
  });
  if (hosts.length > 0) {
    return { name, virtualHosts: hosts.toSorted((a, b) => byDomain(a, b)) };
  }
  return { name, virtualHosts: [{ name: `blackhole:${port}`, domains: ['*'], routes: [] }] };
}

type HostRoutes = readonly [string, () => readonly Route[]];

function hostsOf(
  bound: BoundServer,
  { scope, node }: { readonly scope: Scope; readonly node: ProxyNode },
): readonly HostRoutes[] {
  const { gatewayName, server } = bound;
  const allowed = server.hosts.map(withoutNamespace);
  return scope.mesh.virtualServices.flatMap((service): readonly HostRoutes[] => {
    const namespace = service.metadata.namespace ?? 'default';
    const names = (service.spec?.gateways ?? []).map((name) => qualified(name, namespace));
    if (!names.includes(gatewayName) || !isAdmitted(server.hosts, namespace, gatewayName))
      return [];
    const source = {
      scope,
      labels: node.labels,
      namespace: node.namespace,
      // Written short, a gateway is one of the VirtualService's own namespace.
      gateways: [gatewayName, gatewayName.slice(`${namespace}/`.length)],
      port: server.port.number,
    };
    return (service.spec?.hosts ?? [])
      .map((host) => fullHost(host, namespace))
      .filter((host) => allowed.some((pattern) => overlaps(pattern, host)))
      .map((host) => [host, () => virtualServiceRoutes(service, { ...source, host })]);
  });
}

function qualified(name: string, namespace: string): string {
  return name.includes('/') ? name : `${namespace}/${name}`;
}

/** A server's host may name the namespaces whose VirtualServices it takes: `prod/*`, `./*`. */
function isAdmitted(hosts: readonly string[], namespace: string, gatewayName: string): boolean {
  const own = gatewayName.split('/')[0];
  return hosts.some((host) => {
    const [from, rest] = host.split('/');
    if (rest === undefined || from === '*') return true;
    return from === namespace || (from === '.' && own === namespace);
  });
}

export function withoutNamespace(host: string): string {
  return host.replace(/^.*\//, '');
}

function inOrder(routes: readonly Route[]): readonly Route[] {
  return [...routes.filter((route) => !isCatchAll(route)), ...routes.filter(isCatchAll)];
}

function byDomain(one: VirtualHost, other: VirtualHost): number {
  return bySpecificity(one.domains[0] ?? '', other.domains[0] ?? '');
}
