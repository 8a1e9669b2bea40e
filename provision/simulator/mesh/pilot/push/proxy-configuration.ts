import type { Cluster } from '../../xds/cluster.ts';
import type { FilterChain, Listener } from '../../xds/listener.ts';
import type { RouteConfiguration } from '../../xds/route.ts';
import type { ProxyNode } from '../node.ts';
import { isHttp } from '../registry/protocol.ts';
import { isHeadless, type MeshService } from '../registry/service.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import {
  BLACK_HOLE,
  clusterNamed,
  INBOUND_PASSTHROUGH,
  inboundName,
  outboundNames,
  PASSTHROUGH,
} from './clusters.ts';
import { gatewayListeners, sniClusters } from './gateway-listeners.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import {
  boundServers,
  type BoundServer,
  gatewayRouteName,
  isHttpServer,
} from './gateway-servers.ts';
import { inboundChains, type InboundPort, inboundPorts, virtualInbound } from './inbound.ts';
import { listenersOn, outboundListeners, virtualOutbound } from './outbound-listeners.ts';
import { outboundRouteNames, outboundRoutes } from './outbound-routes.ts';
import { type Scope, scopeOf } from './scope.ts';
import { Shared, sharers } from './shared.ts';

/**
 * All that istiod tells one proxy: listeners, routes, clusters. A real one sends it as xDS; here each part is made when it is first
 * asked for, by requests (`outboundListener`, `routeConfiguration`, `cluster`) or by the proxy's pages (the lists), and shared by
 * all proxies for which it is the same. Never changed: a change of the mesh makes a new one.
 */
export class ProxyConfiguration {
  readonly mesh: MeshSnapshot;
  readonly node: ProxyNode;
  readonly scope: Scope;
  readonly #clusters = new Map<string, Cluster | undefined>();
  readonly #inbound = new Map<number, readonly FilterChain[]>();
  #ports: readonly InboundPort[] | undefined;
  #servers: readonly BoundServer[] | undefined;
  #listeners: readonly Listener[] | undefined;
  #virtualOutbound: Listener | undefined;

  constructor(mesh: MeshSnapshot, node: ProxyNode) {
    this.mesh = mesh;
    this.node = node;
    this.scope = scopeOf(mesh, node);
  }

  /** Counts changes of the mesh. */
  get version(): number {
    return this.mesh.version;
  }

  /** Every listener, for the proxy's pages; those of a gateway are also what it opens. */
  get listeners(): readonly Listener[] {
    this.#listeners ??=
      this.node.type === 'router'
        ? gatewayListeners(this.#boundServers(), this)
        : [
            ...outboundListeners(this, (port) => this.#listenersOn(port)),
            virtualInbound(this.mesh, this.node),
          ];
    return this.#listeners;
  }

  /** The listener for what a program of the pod sends to an address; `virtualOutbound` when no other is for it. */
  outboundListener(ip: string, port: number): Listener {
    const listeners = this.#listenersOn(port);
    const own = listeners.get(ip) ?? listeners.get('0.0.0.0');
    if (own) return own;
    this.#virtualOutbound ??= virtualOutbound(this.scope);
    return this.#virtualOutbound;
  }

  /** The chains for what arrives at a port of the pod; those of `InboundPassthroughCluster` when no service leads there. */
  inboundChains(port: number): readonly FilterChain[] {
    let chains = this.#inbound.get(port);
    if (!chains) {
      const known = this.inboundPort(port);
      chains = inboundChains(
        this.mesh,
        this.node,
        known ?? { port, service: undefined, servicePort: undefined },
      );
      // Programs may try any port.
      if (this.#inbound.size >= REMEMBERED_PORTS) this.#inbound.clear();
      this.#inbound.set(port, chains);
    }
    return chains;
  }

  /** The service that leads to a port of the pod; undefined when none does. */
  inboundPort(port: number): InboundPort | undefined {
    this.#ports ??= inboundPorts(this.mesh, this.node);
    return this.#ports.find((one) => one.port === port);
  }

  routeConfiguration(name: string): RouteConfiguration {
    const { routing } = this.mesh;
    if (this.node.type === 'sidecar') {
      const key = `${sharers(this)} ${name}`;
      return sharedRoutes.of(routing, key, () => outboundRoutes(name, this));
    }
    const servers = this.#boundServers();
    const key = `${this.scope.key} ${serversKey(servers)} ${this.node.name} ${name}`;
    return sharedRoutes.of(routing, key, () => gatewayRoutes(name, servers, this));
  }

  /** Every route configuration that a listener names, for the proxy's pages. */
  routeConfigurations(): readonly RouteConfiguration[] {
    const names =
      this.node.type === 'router'
        ? this.#boundServers().filter(isHttpServer).map(gatewayRouteName)
        : outboundRouteNames(this.scope);
    return [...new Set(names)].map((name) => this.routeConfiguration(name));
  }

  /** undefined for a cluster that istiod would not send: no such service, port or subset. */
  cluster(name: string): Cluster | undefined {
    if (!this.#clusters.has(name)) {
      const { scope, node } = this;
      const inboundPort = (port: number) => this.inboundPort(port);
      this.#clusters.set(name, clusterNamed(name, { scope, node, inboundPort }));
    }
    return this.#clusters.get(name);
  }

  /** Every cluster, for the proxy's pages. */
  clusters(): readonly Cluster[] {
    this.#ports ??= inboundPorts(this.mesh, this.node);
    const isSidecar = this.node.type === 'sidecar';
    const names = [
      ...outboundNames(this.scope),
      ...(isSidecar ? this.#ports.map(({ port }) => inboundName(port)) : []),
      ...(isSidecar ? [] : sniClusters(this.#boundServers(), this)),
      BLACK_HOLE,
      ...(isSidecar ? [PASSTHROUGH, INBOUND_PASSTHROUGH] : []),
    ];
    return names.flatMap((name) => this.cluster(name) ?? []);
  }

  #listenersOn(port: number): ReadonlyMap<string, Listener> {
    const services = this.scope.servicesOn(port);
    if (services.length === 0) return NO_LISTENERS;
    const since = listenedSince(services, port, this.mesh);
    return sharedListeners.of(since, `${sharers(this)} ${port}`, () => listenersOn(port, this));
  }

  #boundServers(): readonly BoundServer[] {
    this.#servers ??= boundServers(this.mesh, this.node);
    return this.#servers;
  }
}

const sharedRoutes = new Shared<RouteConfiguration>();
const sharedListeners = new Shared<ReadonlyMap<string, Listener>>();

/** What the listeners of a port depend on: headless services are listened for at the addresses of their pods, HTTP whatever its routes. */
function listenedSince(services: readonly MeshService[], port: number, mesh: MeshSnapshot): object {
  if (services.some(isHeadless)) return mesh;
  const isAllHttp = services.every(({ ports }) =>
    ports.every(({ number, protocol }) => number !== port || isHttp(protocol)),
  );
  return isAllHttp && mesh.envoyFilters.length === 0 ? mesh.shapes : mesh.routing;
}

/** Gateways are bound by their pods' labels and the ports of their Services. */
function serversKey(servers: readonly BoundServer[]): string {
  return servers.map(({ gatewayName, port, bind }) => `${gatewayName}@${bind}:${port}`).join(',');
}

const REMEMBERED_PORTS = 1_000;
const NO_LISTENERS: ReadonlyMap<string, Listener> = new Map();
