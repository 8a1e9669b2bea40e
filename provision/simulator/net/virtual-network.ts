import type { Duplex } from 'node:stream';

import type { ClusterClient } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { sleep } from '../clock.ts';
import { pods } from '../kinds/resources.ts';
import { type Destination, serveConnection, serveRequest } from './destination.ts';
import { answerDns } from './dns.ts';
import type { Peer } from './http.ts';
import { CHANGE_DELAY_MS, FIRST_CALLER_PORT, LAST_CALLER_PORT } from './limits.ts';
import type { AttachOptions, Listener, Network, NetworkInterface } from './network.ts';
import { NO_OUTSIDE, type Outside } from './outside.ts';
import { PodInterface, type Wires } from './pod-interface.ts';
import { type Party, PolicyTable } from './policies.ts';
import { type Choice, ServiceChoice } from './service-choice.ts';
import { ServiceTable } from './service-table.ts';

export interface NetworkOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Default: nothing lies beyond the cluster. */
  readonly outside?: Outside;
}

/** The control plane's own address: where requests from the API server, kubelets and the learner's shell come from. */
const HOST: AttachOptions = { ip: '172.30.1.2', namespace: 'default', podName: 'controlplane' };

/** Where CoreDNS listens. */
const DNS_PORT = 53;

/** The virtual network of one cluster: pods by address, Services by kube-proxy's rules, names by CoreDNS's. */
export class VirtualNetwork implements Network, Disposable {
  readonly host: NetworkInterface;
  readonly #host: PodInterface;
  readonly #options: NetworkOptions;
  readonly #table: ServiceTable;
  /** Pods on the host's network share its address, hence the lists. */
  readonly #interfaces = new Map<string, readonly PodInterface[]>();
  readonly #services: ServiceChoice;
  readonly #policies: PolicyTable;
  readonly #outside: Outside;
  readonly #listeners = new Set<() => void>();
  readonly #wires: Wires;
  #pending: Disposable | undefined;
  #port = FIRST_CALLER_PORT;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#outside = options.outside ?? NO_OUTSIDE;
    this.#table = new ServiceTable(options.client, () => this.#changed());
    this.#services = new ServiceChoice(options);
    this.#policies = new PolicyTable(options.client);
    this.#wires = {
      query: (name, type) => answerDns(name, type, { table: this.#table, outside: this.#outside }),
      dnsRevision: () => this.#table.revision,
      canAskDns: (from) => this.#canAskDns(from),
      choose: (address, from) => this.#choose(address, from),
      allows: (from, to) => this.#allows(from, to, 'TCP'),
      wait: (limitMs, signal) => sleep(options.clock, limitMs, signal),
      destinationAt: (address) => this.#destinationAt(address),
      nextPort: () => this.#nextPort(),
      changed: () => this.#changed(),
      detach: (one) => this.#detach(one),
    };
    this.#host = this.#plugIn(HOST);
    this.host = this.#host;
  }

  attach(options: AttachOptions): NetworkInterface {
    return this.#plugIn(options);
  }

  interfaceOf(ip: string): NetworkInterface | undefined {
    return this.#interfaces.get(ip)?.[0];
  }

  endpointsOf(address: Peer): readonly Peer[] {
    const route = this.#table.route(address);
    return (route?.endpoints ?? [address]).filter((one) => this.#destinationAt(one) !== undefined);
  }

  /** Addresses of Services, node ports and load balancers behind which something listens, as `ip:port`. */
  openAddresses(): readonly string[] {
    return [...this.#table.routes()]
      .filter(([, { endpoints }]) => endpoints.some((endpoint) => this.isOpen(endpoint)))
      .map(([address]) => address);
  }

  serviceIp(namespace: string, name: string): string | undefined {
    return this.#table.service(namespace, name)?.spec.clusterIP;
  }

  /** What a connection that comes from outside to an address reaches. */
  chooseEndpoint(address: Peer): Choice {
    return this.#choose(address, this.#host);
  }

  /** Whether bytes from outside can be answered there: objects between programs of ours have no form on a wire. */
  isOpen(endpoint: Peer): boolean {
    const listener = this.#destinationAt(endpoint)?.listenerOn(endpoint.port);
    return listener !== undefined && listener.type !== 'service';
  }

  /** Hands a byte stream that comes from outside the cluster to what listens at an address. */
  accept(endpoint: Peer, connection: Duplex, from: Peer): void {
    const destination = this.#destinationAt(endpoint);
    if (destination) destination.accept(endpoint.port, connection, from);
    else connection.destroy();
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#pending?.[Symbol.dispose]();
    this.#listeners.clear();
    this.#table[Symbol.dispose]();
    this.#policies[Symbol.dispose]();
  }

  #plugIn(options: AttachOptions): PodInterface {
    const one = new PodInterface(options, this.#wires);
    this.#interfaces.set(one.ip, [...(this.#interfaces.get(one.ip) ?? []), one]);
    return one;
  }

  #choose(address: Peer, from: PodInterface): Choice {
    const route = this.#table.route(address);
    const nodeName = () => this.#nodeOf(from);
    if (route) return this.#services.choose(route, address, { ip: from.ip, nodeName });
    const isThere = this.#destinationAt(address) !== undefined;
    // What a policy forbids is dropped before anybody could refuse it.
    return isThere || !this.#allows(from, address, 'TCP')
      ? { type: 'endpoint', endpoint: address }
      : { type: 'refused' };
  }

  #nodeOf(from: PodInterface): string | undefined {
    if (from === this.#host) return from.podName;
    return this.#options.client.get(pods, from.podName, from.namespace)?.spec.nodeName;
  }

  #allows(from: PodInterface, to: Peer, protocol: 'TCP' | 'UDP'): boolean {
    if (this.#policies.isEmpty) return true;
    return this.#policies.allows({
      from: this.#partyOf(from),
      to: this.#partyOf(this.#interfaces.get(to.ip)?.[0] ?? { ip: to.ip }),
      port: to.port,
      protocol,
    });
  }

  /** Nodes are no pods: policies know them by their address only. */
  #partyOf(one: Party): Party {
    return one.ip === HOST.ip ? { ip: one.ip } : one;
  }

  #canAskDns(from: PodInterface): boolean {
    if (this.#policies.isEmpty) return true;
    const [namespace, name] = ['kube-system', 'kube-dns'];
    const servers = this.#table
      .slicesOf(namespace, name)
      .flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses));
    if (servers.length === 0) return true;
    return servers.some((ip) => this.#allows(from, { ip, port: DNS_PORT }, 'UDP'));
  }

  #interfaceWith(ip: string, port: number): PodInterface | undefined {
    const sharing = this.#interfaces.get(ip);
    return sharing?.find((one) => one.listenerOn(port) !== undefined);
  }

  #destinationAt({ ip, port }: Peer): Destination | undefined {
    const inside = this.#interfaceWith(ip, port);
    if (inside) return inside;
    const listener = this.#outside.listenerAt({ ip, port });
    return listener && outsideHost(ip, listener);
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

/** A host beyond the cluster; nothing there has a proxy of the mesh. */
function outsideHost(ip: string, listener: Listener): Destination {
  return {
    listenerOn: () => listener,
    takesMutualTls: () => false,
    receive: (port, request, from) => serveRequest(listener, request, { from, to: { ip, port } }),
    accept: (_port, connection, from) => serveConnection(listener, connection, from),
  };
}
