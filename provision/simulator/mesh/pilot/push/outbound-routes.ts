import type { Route, RouteConfiguration, VirtualHost } from '../../xds/route.ts';
import type { ProxyNode } from '../node.ts';
import { isHttp } from '../registry/protocol.ts';
import type { MeshService } from '../registry/service.ts';
import { BLACK_HOLE, outboundName, PASSTHROUGH } from './clusters.ts';
import { DEFAULT_RETRIES, NO_RETRIES } from './retries.ts';
import type { Scope } from './scope.ts';
import { applyRules } from './traffic-policy.ts';
import { virtualServiceRoutes } from './virtual-service-routes.ts';

/** Hosts without a service belong to this port alone. */
const SERVICELESS_PORT = 80;

/**
 * A sidecar's routes by name: `9080` for all HTTP services on a port, `httpbin.default.svc.cluster.local:8000` for a service whose
 * protocol is found out. The routes of a host are made when a request for it comes.
 */
export function outboundRoutes(name: string, scope: Scope, node: ProxyNode): RouteConfiguration {
  const sniffed = /^(.+):(\d+)$/.exec(name);
  const port = Number(sniffed?.[2] ?? name);
  const only = sniffed && scope.service(sniffed[1] ?? '');
  const services = only
    ? [only]
    : scope.servicesOn(port).filter((service) => isShared(service, port));
  const hosts = services.map((service) => serviceHost(service, port, { scope, node }));
  return {
    name,
    virtualHosts: [
      ...hosts,
      ...(only || port !== SERVICELESS_PORT ? [] : servicelessHosts(scope, node)),
      scope.mesh.config.outboundTrafficPolicy === 'ALLOW_ANY' ? ALLOW_ANY : BLOCK_ALL,
    ],
  };
}

/** Whether a service's port is in the routes that all services of a port share. */
function isShared(service: MeshService, port: number): boolean {
  return service.ports.some(({ number, protocol }) => number === port && isHttp(protocol));
}

interface Client {
  readonly scope: Scope;
  readonly node: ProxyNode;
}

function serviceHost(service: MeshService, port: number, client: Client): VirtualHost {
  return lazyHost(`${service.host}:${port}`, domainsOf(service, client.node.namespace), () =>
    serviceRoutes(service.host, port, client),
  );
}

function serviceRoutes(host: string, port: number, { scope, node }: Client): readonly Route[] {
  const owner = scope.virtualServiceFor(host);
  if (!owner?.spec?.http?.length) return [defaultRoute(host, port, scope)];
  const { labels, namespace } = node;
  return virtualServiceRoutes(owner, { scope, labels, namespace, gateways: ['mesh'], port, host });
}

function servicelessHosts(scope: Scope, node: ProxyNode): readonly VirtualHost[] {
  return scope
    .virtualServiceHosts()
    .filter((host) => !scope.service(host))
    .map((host) =>
      lazyHost(`${host}:${SERVICELESS_PORT}`, [host], () =>
        serviceRoutes(host, SERVICELESS_PORT, { scope, node }),
      ),
    );
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
      retries: DEFAULT_RETRIES,
      mirrors: [],
      ...(hash && { hash }),
      missingClusterStatus: 503,
    },
    operation: `${host}:${port}/*`,
  };
}

/** A virtual host whose routes are made when somebody looks. */
export function lazyHost(
  name: string,
  domains: readonly string[],
  make: () => readonly Route[],
): VirtualHost {
  let routes: readonly Route[] | undefined;
  return {
    name,
    domains,
    get routes() {
      routes ??= make();
      return routes;
    },
  };
}

/** All names by which a client may call a service: short ones as DNS completes them, and its addresses. */
function domainsOf({ host, addresses }: MeshService, namespace: string): readonly string[] {
  const kubernetes = /^([^.]+)\.([^.]+)\.svc\.(.+)$/.exec(host);
  if (!kubernetes) return [host, ...addresses];
  const [, name = '', own = ''] = kubernetes;
  const short = own === namespace ? [name] : [];
  return [host, `${host}.`, ...short, `${name}.${own}`, `${name}.${own}.svc`, ...addresses];
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
