import type { Duplex } from 'node:stream';

import { streamPair } from './byte-stream.ts';
import {
  type Destination,
  refused,
  serveConnection,
  serveRequest,
  timedOut,
} from './destination.ts';
import type { DnsAnswer, DnsType } from './dns.ts';
import type { HttpRequest, HttpResponse, Peer } from './http.ts';
import { CONNECT_TIMEOUT_MS, DNS_TIMEOUT_MS, PROXY_CONNECT_TIMEOUT_MS } from './limits.ts';
import {
  type AttachOptions,
  type Caller,
  type CallerIdentity,
  type ConnectOptions,
  type Listener,
  NetworkError,
  type NetworkInterface,
  PlainTextError,
  type PodProxy,
  type RequestOptions,
  type Target,
  type TrafficDirection,
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
  /** What listens at an address, in the cluster or beyond it. */
  readonly destinationAt: (address: Peer) => Destination | undefined;
  readonly nextPort: () => number;
  readonly changed: () => void;
  readonly detach: (one: PodInterface) => void;
}

/** One pod's place on the virtual network. */
export class PodInterface implements NetworkInterface, Destination {
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

  takesMutualTls(port: number): boolean {
    if (this.#proxyFor('inbound', { ip: this.ip, port })) return true;
    const listener = this.#listeners.get(port);
    return listener?.type === 'http' && listener.takesMutualTls === true;
  }

  intercept(proxy: PodProxy | undefined): void {
    this.#proxy = proxy;
  }

  resolve(host: string): readonly string[] {
    return this.dns.addresses(host);
  }

  async lookUp(host: string, signal?: AbortSignal): Promise<readonly string[]> {
    const captured = this.#proxy?.addresses?.(host);
    if (captured) return captured;
    if (this.dns.isLocal(host) || this.dns.isReachable) return this.resolve(host);
    await this.#wires.wait(DNS_TIMEOUT_MS, signal);
    return [];
  }

  async request(
    target: Target,
    request: HttpRequest,
    { connectTimeoutMs = CONNECT_TIMEOUT_MS, onUnanswered, isProxyUser }: RequestOptions = {},
  ): Promise<HttpResponse> {
    if (this.#isLoopback(target.host)) return this.#serveLocally(target.port, request);
    // The name is looked up by the program, before anything reaches the proxy.
    const address = this.#knownAddress(target) ?? (await this.#askFor(target, request.signal));
    const proxy = isProxyUser ? undefined : this.#proxyFor('outbound', address);
    if (proxy) {
      return proxy.outbound(target, request, { ip: this.ip, port: this.#wires.nextPort() });
    }
    const limit = { limitMs: connectTimeoutMs, signal: request.signal, onUnanswered };
    const endpoint = this.#endpointAt(address) ?? (await this.#dropped(address, limit));
    return this.#send(endpoint, request, {}, limit);
  }

  async deliver(
    address: Peer,
    request: HttpRequest,
    from: CallerIdentity = {},
    connectTimeoutMs = PROXY_CONNECT_TIMEOUT_MS,
  ): Promise<HttpResponse> {
    const limit = { limitMs: connectTimeoutMs, signal: request.signal };
    const endpoint = this.#endpointAt(address) ?? (await this.#dropped(address, limit));
    return this.#send(endpoint, request, from, limit);
  }

  /** A request that arrives from outside the pod. */
  receive(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse> {
    const to = { ip: this.ip, port };
    const proxy = this.#proxyFor('inbound', to);
    if (proxy) return proxy.inbound(port, request, from);
    return serveRequest(this.#listeners.get(port), request, { from, to });
  }

  /** A byte stream that arrives from outside the pod. */
  accept(port: number, connection: Duplex, from: Caller): void {
    const proxy = this.#proxyFor('inbound', { ip: this.ip, port });
    if (proxy) proxy.inboundConnection(port, connection, from);
    else serveConnection(this.#listeners.get(port), connection, from);
  }

  async connect(
    target: Target,
    signal?: AbortSignal,
    { isProxyUser }: ConnectOptions = {},
  ): Promise<Duplex> {
    if (this.#isLoopback(target.host)) return this.#connectLocally(target.port, signal);
    const limit = { limitMs: CONNECT_TIMEOUT_MS, signal };
    const address = this.#knownAddress(target) ?? (await this.#askFor(target, signal));
    const proxy = isProxyUser ? undefined : this.#proxyFor('outbound', address);
    if (proxy) {
      const from = { ip: this.ip, port: this.#wires.nextPort() };
      return opened(signal, (far) => proxy.outboundConnection(address, far, from, target.host));
    }
    const endpoint = this.#endpointAt(address) ?? (await this.#dropped(address, limit));
    return this.#open(endpoint, {}, limit);
  }

  async open(address: Peer, from: CallerIdentity = {}, signal?: AbortSignal): Promise<Duplex> {
    const limit = { limitMs: PROXY_CONNECT_TIMEOUT_MS, signal };
    const endpoint = this.#endpointAt(address) ?? (await this.#dropped(address, limit));
    return this.#open(endpoint, from, limit);
  }

  service(target: Target): object | undefined {
    const [ip] = this.resolve(target.host);
    const choice = ip === undefined ? undefined : this.#choose({ ip, port: target.port });
    if (choice?.type !== 'endpoint') return undefined;
    const { endpoint } = choice;
    const listener = this.#wires.destinationAt(endpoint)?.listenerOn(endpoint.port);
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

  /** The proxy that a connection passes, if any: `original` is where it goes. */
  #proxyFor(direction: TrafficDirection, { ip, port }: Peer): PodProxy | undefined {
    return this.#proxy?.intercepts(direction, port, ip) ? this.#proxy : undefined;
  }

  #serveLocally(port: number, request: HttpRequest): Promise<HttpResponse> {
    const from = { ip: '127.0.0.1', port: this.#wires.nextPort() };
    const to = { ip: '127.0.0.1', port };
    return serveRequest(this.#listeners.get(port), request, { from, to });
  }

  #connectLocally(port: number, signal: AbortSignal | undefined): Duplex {
    const listener = this.#listeners.get(port);
    if (!listener) throw refused({ ip: '127.0.0.1', port });
    const from = { ip: '127.0.0.1', port: this.#wires.nextPort() };
    return opened(signal, (far) => serveConnection(listener, far, from));
  }

  async #open(to: Peer, identity: CallerIdentity, limit: Limit): Promise<Duplex> {
    if (!this.#wires.allows(this, to)) await this.#dropped(to, limit);
    const destination = this.#wires.destinationAt(to);
    if (!destination) throw refused(to);
    checkTls(destination, to, identity);
    const from = { ip: this.ip, port: this.#wires.nextPort(), ...identity };
    return opened(limit.signal, (far) => destination.accept(to.port, far, from));
  }

  #send(to: Peer, request: HttpRequest, from: CallerIdentity, limit: Limit): Promise<HttpResponse> {
    if (!this.#wires.allows(this, to)) return this.#dropped(to, limit);
    const destination = this.#wires.destinationAt(to);
    if (!destination) return Promise.reject(refused(to));
    checkTls(destination, to, from);
    return destination.receive(to.port, request, {
      ip: this.ip,
      port: this.#wires.nextPort(),
      ...from,
    });
  }

  /** The address of a host that needs no waiting for. */
  #knownAddress({ host, port }: Target): Peer | undefined {
    const [captured] = this.#proxy?.addresses?.(host) ?? [];
    if (captured !== undefined) return { ip: captured, port };
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

  async #dropped(address: Peer, { limitMs, signal, onUnanswered }: Limit): Promise<never> {
    onUnanswered?.();
    await this.#wires.wait(limitMs, signal);
    throw timedOut(address);
  }
}

/** @throws PlainTextError where mutual TLS is spoken to somebody who does not know it */
function checkTls(destination: Destination, to: Peer, { identity }: CallerIdentity): void {
  if (identity !== undefined && !destination.takesMutualTls(to.port)) {
    throw new PlainTextError(to.ip, to.port);
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

/** The near end of a new byte stream, whose far end is handed on; a signal that fires resets it. */
function opened(signal: AbortSignal | undefined, handOn: (far: Duplex) => void): Duplex {
  const [near, far] = streamPair();
  if (signal) {
    const onAbort = () => near.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    near.once('close', () => signal.removeEventListener('abort', onAbort));
  }
  handOn(far);
  return near;
}
