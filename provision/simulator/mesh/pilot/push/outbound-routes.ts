import { matchesHost } from '../../hosts.ts';
import type { VirtualService } from '../../istio/virtual-service.ts';
import type { Route, RouteConfiguration, VirtualHost } from '../../xds/route.ts';
import { isHttp } from '../registry/protocol.ts';
import { isHeadless, type MeshService } from '../registry/service.ts';
import { BLACK_HOLE, outboundName, PASSTHROUGH } from './clusters.ts';
import { patchedRoutes } from './envoy-filters.ts';
import { lazyHost } from './lazy-host.ts';
import type { Client } from './outbound-listeners.ts';
import { defaultRetries, NO_RETRIES } from './retries.ts';
import type { Scope } from './scope.ts';
import { Shared, sharers } from './shared.ts';
import { applyRules } from './traffic-policy.ts';
import { hasRoutesFor, type RouteSource, virtualServiceRoutes } from './virtual-service-routes.ts';

/** Hosts without a service belong to this port alone. */
const SERVICELESS_PORT = 80;

/**
 * A sidecar's routes by name: `9080` for all HTTP services on a port, `httpbin.default.svc.cluster.local:8000` for a service whose
 * protocol is found out. The routes of a host are made when a request for it comes.
 */
export function outboundRoutes(name: string, client: Client): RouteConfiguration {
  const sniffed = /^(.+):(\d+)$/.exec(name);
  const only = sniffed && client.scope.service(sniffed[1] ?? '');
  const port = Number(only ? sniffed[2] : name);
  const virtualHosts = only ? [sniffedHost(only, port, client)] : portHosts(port, client);
  const place = { context: 'SIDECAR_OUTBOUND', port } as const;
  return patchedRoutes(
    { name, virtualHosts },
    { mesh: client.scope.mesh, node: client.node },
    place,
  );
}

/** Names of the routes of a sidecar's outbound listeners. */
export function outboundRouteNames(scope: Scope): readonly string[] {
  return scope.ports().flatMap((port) => {
    const services = scope.servicesOn(port);
    const override = scope.egress.find((one) => one.port === port)?.protocol;
    const sniffed = services
      .filter(({ ports }) =>
        ports.some((one) => one.number === port && (override ?? one.protocol) === 'Auto'),
      )
      .map(({ host }) => `${host}:${port}`);
    return services.some((one) => isShared(one, port, scope))
      ? [String(port), ...sniffed]
      : sniffed;
  });
}

function portHosts(port: number, client: Client): readonly VirtualHost[] {
  const { scope } = client;
  const services = scope.servicesOn(port).filter((service) => isShared(service, port, scope));
  return [
    ...services.map((service) => serviceHost(service, port, client)),
    ...(port === SERVICELESS_PORT ? servicelessHosts(services, client) : []),
    scope.allowsAny ? ALLOW_ANY : BLOCK_ALL,
  ];
}

interface KnownHost {
  readonly owner: VirtualService | undefined;
  readonly host: VirtualHost;
}

/** Hosts made before; they count until services or rules change, whatever becomes of other hosts. */
const knownHosts = new Shared<Map<string, KnownHost>>();

function serviceHost(service: MeshService, port: number, client: Client): VirtualHost {
  const { scope } = client;
  const name = `${service.host}:${port}`;
  const known = knownHosts.of(scope.mesh.shapes, sharers(client), () => new Map());
  const owner = scope.virtualServiceFor(service.host);
  const before = known.get(name);
  if (before && before.owner === owner) return before.host;
  const make = () => serviceRoutes(service.host, port, client);
  const host = lazyHost(name, domainsOf(service, client), make);
  known.set(name, { owner, host });
  return host;
}

/** The listener is that of the service's address, so whatever Host says is the service's. */
function sniffedHost(service: MeshService, port: number, client: Client): VirtualHost {
  return lazyHost(`${service.host}:${port}`, ['*'], () =>
    serviceRoutes(service.host, port, client),
  );
}

/** Whether a service's port is in the routes that all services of a port share. */
function isShared({ ports }: MeshService, port: number, { egress }: Scope): boolean {
  const override = egress.find((one) => one.port === port)?.protocol;
  return ports.some(({ number, protocol }) => number === port && isHttp(override ?? protocol));
}

function serviceRoutes(host: string, port: number, client: Client): readonly Route[] {
  const owner = client.scope.virtualServiceFor(host);
  const routes = owner ? virtualServiceRoutes(owner, sourceOf(host, port, client)) : [];
  // Rules that are all for gateways, or for other callers, are as good as none.
  return routes.length > 0 ? routes : [defaultRoute(host, port, client.scope)];
}

function sourceOf(host: string, port: number, { scope, node }: Client): RouteSource {
  const { labels, namespace } = node;
  return { scope, labels, namespace, gateways: ['mesh'], port, host };
}

/** Hosts of VirtualServices that no service on the port has, each by itself. */
function servicelessHosts(
  services: readonly MeshService[],
  client: Client,
): readonly VirtualHost[] {
  const known = new Set(services.map(({ host }) => host));
  return client.scope
    .virtualServiceHosts()
    .filter((host) =>
      host.startsWith('*')
        ? !services.some((service) => matchesHost(host, service.host))
        : !known.has(host) && client.scope.service(host) === undefined,
    )
    .flatMap((host) => {
      const owner = client.scope.virtualServiceFor(host);
      const source = sourceOf(host, SERVICELESS_PORT, client);
      if (!owner || !hasRoutesFor(owner, source)) return [];
      const name = `${host}:${SERVICELESS_PORT}`;
      return [lazyHost(name, [host], () => virtualServiceRoutes(owner, source))];
    });
}

/** Everything to the service, as long as no VirtualService says otherwise. */
function defaultRoute(host: string, port: number, scope: Scope): Route {
  const service = scope.service(host);
  const applied = applyRules(scope.rulesFor(host, service?.namespace ?? ''), port, '');
  const hash = applied?.policy.loadBalancer?.consistentHash;
  return {
    name: 'default',
    match: ANYTHING,
    action: {
      type: 'route',
      clusters: [{ cluster: outboundName(host, port), weight: 100 }],
      timeoutMs: undefined,
      retries: defaultRetries(scope.mesh.config),
      mirrors: [],
      ...(hash && { hash }),
      missingClusterStatus: 503,
    },
    operation: `${host}:${port}/*`,
  };
}

/** All names by which a client may call a service: short ones as DNS completes them, those of its pods, and its addresses. */
function domainsOf(service: MeshService, { scope }: Client): readonly string[] {
  const names = [service.host, ...(service.aliases ?? [])].flatMap((host) =>
    namesOf(host, scope.namespace),
  );
  const addresses = scope.addressesOf(service).filter((address) => !address.includes('/'));
  const pods = isHeadless(service) ? names.map((name) => `*.${name}`) : [];
  return [...names, ...pods, ...addresses];
}

function namesOf(host: string, namespace: string): readonly string[] {
  const kubernetes = /^([^.]+)\.([^.]+)\.svc\.(.+)$/.exec(host);
  if (!kubernetes) return [host];
  const [, name = '', own = ''] = kubernetes;
  const short = own === namespace ? [name] : [];
  return [host, `${host}.`, ...short, `${name}.${own}`, `${name}.${own}.svc`];
}

export const ANYTHING: Route['match'] = {
  path: { type: 'prefix', value: '/' },
  headers: [],
  query: [],
};

const ALLOW_ANY: VirtualHost = {
  name: 'allow_any',
  domains: ['*'],
  routes: [
    {
      name: 'allow_any',
      match: ANYTHING,
      action: {
        type: 'route',
        clusters: [{ cluster: PASSTHROUGH, weight: 100 }],
        timeoutMs: 0,
        retries: NO_RETRIES,
        mirrors: [],
        missingClusterStatus: 503,
      },
      operation: PASSTHROUGH,
    },
  ],
};

const BLOCK_ALL: VirtualHost = {
  name: 'block_all',
  domains: ['*'],
  routes: [
    {
      name: 'block_all',
      match: ANYTHING,
      action: { type: 'direct', status: 502, body: undefined },
      operation: BLACK_HOLE,
    },
  ],
};
