import type { Cluster } from '../../xds/cluster.ts';
import type { FilterChain, Listener } from '../../xds/listener.ts';
import type { RouteConfiguration } from '../../xds/route.ts';
import type { ProxyNode } from '../node.ts';
import { isHttp } from '../registry/protocol.ts';
import type { MeshSnapshot } from '../snapshot.ts';
import {
  BLACK_HOLE,
  clusterNamed,
  INBOUND_PASSTHROUGH,
  inboundName,
  outboundNames,
  PASSTHROUGH,
} from './clusters.ts';
import { gatewayListeners } from './gateway-listeners.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import {
  boundServers,
  type BoundServer,
  gatewayRouteName,
  isHttpServer,
} from './gateway-servers.ts';
import { inboundChains, type InboundPort, inboundPorts, virtualInbound } from './inbound.ts';
import { outboundListener, outboundListeners, virtualOutbound } from './outbound-listeners.ts';
import { outboundRoutes } from './outbound-routes.ts';
import { type Scope, scopeOf } from './scope.ts';

/**
 * All that istiod tells one proxy: listeners, routes, clusters. A real one sends it as xDS; here each part is made when it is first
 * asked for, by requests (`outboundListener`, `routeConfiguration`, `cluster`) or by the proxy's pages (the lists). Never changed:
 * a change of the mesh makes a new one.
 */
export class ProxyConfiguration {
  readonly mesh: MeshSnapshot;
  readonly node: ProxyNode;
  readonly scope: Scope;
  readonly #outbound = new Map<string, Listener>();
  readonly #inbound = new Map<number, readonly FilterChain[]>();
  readonly #routes = new Map<string, RouteConfiguration>();
  readonly #clusters = new Map<string, Cluster | undefined>();
  #ports: readonly InboundPort[] | undefined;
  #servers: readonly BoundServer[] | undefined;
  #listeners: readonly Listener[] | undefined;

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
        ? gatewayListeners(this.#boundServers())
        : [...outboundListeners(this.scope), virtualInbound(this.mesh, this.node)];
    return this.#listeners;
  }

  /** The listener for what a program of the pod sends to an address; `virtualOutbound` when no other is for it. */
  outboundListener(ip: string, port: number): Listener {
    const key = `${ip}:${port}`;
    let listener = this.#outbound.get(key);
    if (!listener) {
      listener = outboundListener(ip, port, this.scope) ?? virtualOutbound(this.scope);
      // Programs may try any address.
      if (this.#outbound.size >= REMEMBERED_ADDRESSES) this.#outbound.clear();
      this.#outbound.set(key, listener);
    }
    return listener;
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
      if (this.#inbound.size >= REMEMBERED_ADDRESSES) this.#inbound.clear();
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
    let routes = this.#routes.get(name);
    if (!routes) {
      const { scope, node } = this;
      routes =
        node.type === 'router'
          ? gatewayRoutes(name, this.#boundServers(), { scope, node })
          : outboundRoutes(name, scope, node);
      this.#routes.set(name, routes);
    }
    return routes;
  }

  /** Every route configuration that a listener names, for the proxy's pages. */
  routeConfigurations(): readonly RouteConfiguration[] {
    const names =
      this.node.type === 'router'
        ? this.#boundServers().filter(isHttpServer).map(gatewayRouteName)
        : this.#outboundRouteNames();
    return [...new Set(names)].map((name) => this.routeConfiguration(name));
  }

  /** undefined for a cluster that istiod would not send: no such service, port or subset. */
  cluster(name: string): Cluster | undefined {
    if (!this.#clusters.has(name)) {
      this.#clusters.set(name, clusterNamed(name, this.scope, this.node));
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
      BLACK_HOLE,
      ...(isSidecar ? [PASSTHROUGH, INBOUND_PASSTHROUGH] : []),
    ];
    return names.flatMap((name) => this.cluster(name) ?? []);
  }

  #outboundRouteNames(): readonly string[] {
    const shared = this.scope
      .ports()
      .filter((port) =>
        this.scope
          .servicesOn(port)
          .some(({ ports }) => ports.some((one) => one.number === port && isHttp(one.protocol))),
      )
      .map(String);
    const sniffed = this.scope.services.flatMap(({ host, addresses, ports }) =>
      ports
        .filter(({ protocol }) => protocol === 'Auto' && addresses.length > 0)
        .map(({ number }) => `${host}:${number}`),
    );
    return [...shared, ...sniffed];
  }

  #boundServers(): readonly BoundServer[] {
    this.#servers ??= boundServers(this.mesh, this.node);
    return this.#servers;
  }
}

const REMEMBERED_ADDRESSES = 1_000;
