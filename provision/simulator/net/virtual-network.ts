import { type Duplex, duplexPair } from 'node:stream';

import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { resolveName } from './dns.ts';
import { HttpBridge } from './http-bridge.ts';
import type { HttpHandler, Peer } from './http.ts';
import { AFFINITY_MS, CHANGE_DELAY_MS, FIRST_CALLER_PORT, LAST_CALLER_PORT } from './limits.ts';
import type { AttachOptions, Listener, Network, NetworkInterface } from './network.ts';
import { PodInterface, type Wires } from './pod-interface.ts';
import { type ServiceRoute, ServiceTable } from './service-table.ts';

export interface NetworkOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The control plane's own address: where requests from the API server, kubelets and the learner's shell come from. */
const HOST: AttachOptions = { ip: '172.30.1.2', namespace: 'default', podName: 'controlplane' };

/** The virtual network of one cluster: pods by address, Services by kube-proxy's rules, names by CoreDNS's. */
export class VirtualNetwork implements Network, Disposable {
  readonly host: NetworkInterface;
  /** Where bytes become requests, for port-forward and the edge. */
  readonly bridge = new HttpBridge();
  readonly #options: NetworkOptions;
  readonly #table: ServiceTable;
  /** Pods on the host's network share its address, hence the lists. */
  readonly #interfaces = new Map<string, readonly PodInterface[]>();
  readonly #affinity = new Map<string, { readonly endpoint: Peer; readonly untilMs: number }>();
  readonly #listeners = new Set<() => void>();
  readonly #wires: Wires;
  #pending: Disposable | undefined;
  #port = FIRST_CALLER_PORT;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#table = new ServiceTable(options.client, () => this.#changed());
    this.#wires = {
      resolve: (host, namespace) => resolveName(host, namespace, this.#table),
      choose: (address, from) => this.#choose(address, from),
      interfaceWith: (ip, port) => this.#interfaceWith(ip, port),
      open: (from, to) => this.#open(from, to),
      openHttp: (from, handle) => this.#openHttp(from, handle),
      nextPort: () => this.#nextPort(),
      changed: () => this.#changed(),
      detach: (one) => this.#detach(one),
    };
    this.host = this.attach(HOST);
  }

  attach(options: AttachOptions): NetworkInterface {
    const one = new PodInterface(options, this.#wires);
    this.#interfaces.set(one.ip, [...(this.#interfaces.get(one.ip) ?? []), one]);
    return one;
  }

  interfaceOf(ip: string): NetworkInterface | undefined {
    return this.#interfaces.get(ip)?.[0];
  }

  endpointsOf(address: Peer): readonly Peer[] {
    const route = this.#table.route(address);
    return (route?.endpoints ?? [address]).filter(
      ({ ip, port }) => this.#interfaceWith(ip, port) !== undefined,
    );
  }

  /** Addresses of Services, node ports and load balancers behind which something listens, as `ip:port`. */
  openAddresses(): readonly string[] {
    return [...this.#table.routes()]
      .filter(([, { endpoints }]) => endpoints.some((endpoint) => this.#isOpen(endpoint)))
      .map(([address]) => address);
  }

  serviceIp(namespace: string, name: string): string | undefined {
    return this.#table.service(namespace, name)?.spec.clusterIP;
  }

  /** The endpoint for a connection that comes from outside to an address; undefined when nothing listens. */
  chooseEndpoint(address: Peer, from: string): Peer | undefined {
    return this.#choose(address, from);
  }

  /** What listens at a pod's own address. */
  listenerAt({ ip, port }: Peer): Listener | undefined {
    return this.#interfaceWith(ip, port)?.listenerOn(port);
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#pending?.[Symbol.dispose]();
    this.#listeners.clear();
    this.#table[Symbol.dispose]();
  }

  #choose(address: Peer, from: string): Peer | undefined {
    const route = this.#table.route(address);
    if (!route) return this.#interfaceWith(address.ip, address.port) ? address : undefined;
    if (route.service.spec.sessionAffinity === 'ClientIP') return this.#stick(route, address, from);
    return this.#pick(route.endpoints);
  }

  #pick(endpoints: readonly Peer[]): Peer | undefined {
    return endpoints[Math.floor(this.#options.random() * endpoints.length)];
  }

  /** The same endpoint for the same client, while it stands. */
  #stick({ endpoints }: ServiceRoute, address: Peer, from: string): Peer | undefined {
    const key = `${from}>${address.ip}:${address.port}`;
    const nowMs = this.#options.clock.now();
    const old = this.#affinity.get(key);
    const isStanding = endpoints.some(({ ip }) => ip === old?.endpoint.ip);
    const endpoint =
      old && old.untilMs > nowMs && isStanding ? old.endpoint : this.#pick(endpoints);
    if (endpoint) this.#affinity.set(key, { endpoint, untilMs: nowMs + AFFINITY_MS });
    return endpoint;
  }

  #interfaceWith(ip: string, port: number): PodInterface | undefined {
    const sharing = this.#interfaces.get(ip);
    return sharing?.find((one) => one.listenerOn(port) !== undefined);
  }

  /** A byte stream to what listens at `to`; an HTTP listener is spoken to in HTTP/1.1. */
  #open(from: Peer, to: Peer): Duplex {
    const destination = this.#interfaceWith(to.ip, to.port);
    const listener = destination?.listenerOn(to.port);
    if (destination && listener?.type === 'http') {
      return this.#openHttp(from, (request, peer) => destination.receive(to.port, request, peer));
    }
    const [near, far] = duplexPair();
    if (listener?.type === 'tcp') listener.accept(far, from);
    else far.destroy();
    return near;
  }

  #openHttp(from: Peer, handle: HttpHandler): Duplex {
    const [near, far] = duplexPair();
    this.bridge.accept(far, from, handle);
    return near;
  }

  /** Whether bytes from outside can be answered there: objects between programs of ours have no form on a wire. */
  #isOpen(endpoint: Peer): boolean {
    const listener = this.listenerAt(endpoint);
    return listener !== undefined && listener.type !== 'service';
  }

  #nextPort(): number {
    this.#port = this.#port >= LAST_CALLER_PORT ? FIRST_CALLER_PORT : this.#port + 1;
    return this.#port;
  }

  #detach(one: PodInterface): void {
    const left = (this.#interfaces.get(one.ip) ?? []).filter((other) => other !== one);
    if (left.length > 0) this.#interfaces.set(one.ip, left);
    else this.#interfaces.delete(one.ip);
  }

  #changed(): void {
    this.#pending ??= this.#options.clock.after(CHANGE_DELAY_MS, () => {
      this.#pending = undefined;
      for (const listener of this.#listeners) listener();
    });
  }
}
