import type { Duplex } from 'node:stream';

import type { DnsAnswer, DnsType } from './dns.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Peer } from './http.ts';
import { CONNECT_TIMEOUT_MS, DNS_TIMEOUT_MS, PROXY_CONNECT_TIMEOUT_MS } from './limits.ts';
import {
  type AttachOptions,
  type Caller,
  type CallerIdentity,
  type Listener,
  NetworkError,
  type NetworkInterface,
  type PodProxy,
  type RequestOptions,
  type Target,
} from './network.ts';
import { clusterFirst, PodDns } from './pod-dns.ts';
import type { Choice } from './service-choice.ts';

/** What an interface needs of the network it is plugged into. */
export interface Wires {
  /** What the cluster's name server says of a complete name. */
  readonly query: (name: string, type: DnsType) => DnsAnswer;
  /** Counts changes of what it knows. */
  readonly dnsRevision: () => number;
  /** Whether a pod's questions reach the cluster's name server. */
  readonly canAskDns: (from: PodInterface) => boolean;
  /** What a connection to an address reaches. */
  readonly choose: (address: Peer, from: PodInterface) => Choice;
  /** Whether NetworkPolicies let a connection through to an address of a pod. */
  readonly allows: (from: PodInterface, to: Peer) => boolean;
  /** Waits in vain; rejects with the signal's reason. */
  readonly wait: (limitMs: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly interfaceWith: (ip: string, port: number) => PodInterface | undefined;
  readonly open: (from: Peer, to: Peer) => Duplex;
  /** A byte stream to a handler that is spoken to in HTTP/1.1. */
  readonly openHttp: (from: Peer, handle: HttpHandler) => Duplex;
  readonly nextPort: () => number;
  readonly changed: () => void;
  readonly detach: (one: PodInterface) => void;
}

/** One pod's place on the virtual network. */
export class PodInterface implements NetworkInterface {
  readonly ip: string;
  readonly namespace: string;
  readonly podName: string;
  readonly dns: PodDns;
  readonly #wires: Wires;
  readonly #listeners = new Map<number, Listener>();
  #proxy: PodProxy | undefined;

  constructor({ ip, namespace, podName, resolver }: AttachOptions, wires: Wires) {
    this.ip = ip;
    this.namespace = namespace;
    this.podName = podName;
    this.#wires = wires;
    this.dns = new PodDns(resolver ?? clusterFirst(namespace), {
      ask: wires.query,
      isReachable: () => wires.canAskDns(this),
      revision: wires.dnsRevision,
    });
  }

  listen(port: number, listener: Listener): Disposable {
    if (this.#listeners.has(port)) {
      throw Object.assign(new Error(`listen tcp :${port}: bind: address already in use`), {
        code: 'EADDRINUSE',
      });
    }
    this.#listeners.set(port, listener);
    this.#wires.changed();
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners.get(port) !== listener) return;
        this.#listeners.delete(port);
        this.#wires.changed();
      },
    };
  }

  listenerOn(port: number): Listener | undefined {
    return this.#listeners.get(port);
  }

  intercept(proxy: PodProxy | undefined): void {
    this.#proxy = proxy;
  }

  resolve(host: string): readonly string[] {
    return this.dns.addresses(host);
  }

  async lookUp(host: string, signal?: AbortSignal): Promise<readonly string[]> {
    if (this.dns.isLocal(host) || this.dns.isReachable) return this.resolve(host);
    await this.#wires.wait(DNS_TIMEOUT_MS, signal);
    return [];
  }

  async request(
    target: Target,
    request: HttpRequest,
    { connectTimeoutMs = CONNECT_TIMEOUT_MS, onUnanswered }: RequestOptions = {},
  ): Promise<HttpResponse> {
    if (this.#isLoopback(target.host)) return this.#serveLocally(target.port, request);
    // The name is looked up by the program, before anything reaches the proxy.
    const address = this.#knownAddress(target) ?? (await this.#askFor(target, request.signal));
    if (this.#proxy) return this.#proxy.outbound(target, request);
    const limit = { limitMs: connectTimeoutMs, signal: request.signal, onUnanswered };
    const endpoint = this.#endpointAt(address) ?? (await this.#dropped(address, limit));
    return this.#send(endpoint, request, {}, limit);
  }

  deliver(address: Peer, request: HttpRequest, from: CallerIdentity = {}): Promise<HttpResponse> {
    const limit = { limitMs: PROXY_CONNECT_TIMEOUT_MS, signal: request.signal };
    return this.#send(address, request, from, limit);
  }

  /** A request that arrives from outside the pod. */
  receive(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse> {
    if (this.#proxy) return this.#proxy.inbound(port, request, from);
    const listener = this.#listeners.get(port);
    if (listener?.type !== 'http') return Promise.reject(refused({ ip: this.ip, port }));
    return listener.handle(request, from);
  }

  async connect(target: Target, signal?: AbortSignal): Promise<Duplex> {
    const limit = { limitMs: CONNECT_TIMEOUT_MS, signal };
    const to = this.#isLoopback(target.host)
      ? { ip: this.ip, port: target.port }
      : await this.#endpointOf(target, limit);
    if (!this.#wires.allows(this, to)) await this.#dropped(to, limit);
    const destination = this.#wires.interfaceWith(to.ip, to.port);
    if (!destination?.listenerOn(to.port)) throw refused(to);
    const from = { ip: this.ip, port: this.#wires.nextPort() };
    const proxy = this.#isLoopback(target.host) ? undefined : this.#proxy;
    const isHttp = destination.listenerOn(to.port)?.type === 'http';
    const connection =
      proxy && isHttp
        ? this.#wires.openHttp(from, (request) => proxy.outbound(target, request))
        : this.#wires.open(from, to);
    signal?.addEventListener('abort', () => connection.destroy(), { once: true });
    return connection;
  }

  service(target: Target): object | undefined {
    const [ip] = this.resolve(target.host);
    const choice = ip === undefined ? undefined : this.#choose({ ip, port: target.port });
    if (choice?.type !== 'endpoint') return undefined;
    const { endpoint } = choice;
    const listener = this.#wires
      .interfaceWith(endpoint.ip, endpoint.port)
      ?.listenerOn(endpoint.port);
    if (listener?.type !== 'service' || !this.#wires.allows(this, endpoint)) return undefined;
    return listener.service;
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#proxy = undefined;
    this.#wires.detach(this);
    this.#wires.changed();
  }

  #isLoopback(host: string): boolean {
    return host === 'localhost' || host.startsWith('127.') || host === this.ip;
  }

  #serveLocally(port: number, request: HttpRequest): Promise<HttpResponse> {
    const listener = this.#listeners.get(port);
    if (listener?.type !== 'http') return Promise.reject(refused({ ip: '127.0.0.1', port }));
    return listener.handle(request, { ip: '127.0.0.1', port: this.#wires.nextPort() });
  }

  #send(to: Peer, request: HttpRequest, from: CallerIdentity, limit: Limit): Promise<HttpResponse> {
    if (!this.#wires.allows(this, to)) return this.#dropped(to, limit);
    const destination = this.#wires.interfaceWith(to.ip, to.port);
    if (!destination) return Promise.reject(refused(to));
    return destination.receive(to.port, request, {
      ip: this.ip,
      port: this.#wires.nextPort(),
      ...from,
    });
  }

  /** The address of a host that needs no waiting for. */
  #knownAddress({ host, port }: Target): Peer | undefined {
    if (!this.dns.isLocal(host) && !this.dns.isReachable) return undefined;
    const [ip] = this.resolve(host);
    if (ip === undefined) throw unresolved(host);
    return { ip, port };
  }

  async #askFor({ host, port }: Target, signal: AbortSignal | undefined): Promise<Peer> {
    const [ip] = await this.lookUp(host, signal);
    if (ip === undefined) throw unresolved(host);
    return { ip, port };
  }

  #choose(address: Peer): Choice {
    return this.#wires.choose(address, this);
  }

  /** What stands behind an address; undefined when nobody answers there. */
  #endpointAt(address: Peer): Peer | undefined {
    const choice = this.#choose(address);
    if (choice.type === 'refused') throw refused(address);
    return choice.type === 'endpoint' ? choice.endpoint : undefined;
  }

  async #endpointOf(target: Target, limit: Limit): Promise<Peer> {
    const address = this.#knownAddress(target) ?? (await this.#askFor(target, limit.signal));
    return this.#endpointAt(address) ?? (await this.#dropped(address, limit));
  }

  async #dropped({ ip, port }: Peer, { limitMs, signal, onUnanswered }: Limit): Promise<never> {
    onUnanswered?.();
    await this.#wires.wait(limitMs, signal);
    throw new NetworkError('ETIMEDOUT', `connect to ${ip}:${port}: Connection timed out`);
  }
}

/** How long somebody waits for what never comes. */
interface Limit {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onUnanswered?: (() => void) | undefined;
}

function unresolved(host: string): NetworkError {
  return new NetworkError('ENOTFOUND', `Could not resolve host: ${host}`);
}

function refused({ ip, port }: Peer): NetworkError {
  return new NetworkError('ECONNREFUSED', `connect to ${ip}:${port}: Connection refused`);
}
