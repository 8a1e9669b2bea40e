import type { Duplex } from 'node:stream';

import type { HttpHandler, HttpRequest, HttpResponse, Peer } from './http.ts';
import {
  type AttachOptions,
  type Caller,
  type CallerIdentity,
  type Listener,
  NetworkError,
  type NetworkInterface,
  type PodProxy,
  type Target,
} from './network.ts';

/** What an interface needs of the network it is plugged into. */
export interface Wires {
  /** Addresses of a name as seen from a namespace. */
  readonly resolve: (host: string, namespace: string) => readonly string[];
  /** The endpoint that a connection from `from` to an address reaches; undefined when nothing stands there. */
  readonly choose: (address: Peer, from: string) => Peer | undefined;
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
  readonly #wires: Wires;
  readonly #listeners = new Map<number, Listener>();
  #proxy: PodProxy | undefined;

  constructor({ ip, namespace, podName }: AttachOptions, wires: Wires) {
    this.ip = ip;
    this.namespace = namespace;
    this.podName = podName;
    this.#wires = wires;
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
    return this.#wires.resolve(host, this.namespace);
  }

  async request(target: Target, request: HttpRequest): Promise<HttpResponse> {
    if (this.#isLoopback(target.host)) return this.#serveLocally(target.port, request);
    if (this.#proxy) {
      // The name is looked up by the program, before anything reaches the proxy.
      this.#addressOf(target);
      return this.#proxy.outbound(target, request);
    }
    return this.deliver(this.#endpointOf(target), request);
  }

  deliver(address: Peer, request: HttpRequest, from: CallerIdentity = {}): Promise<HttpResponse> {
    const destination = this.#wires.interfaceWith(address.ip, address.port);
    if (!destination) return Promise.reject(refused(address));
    return destination.receive(address.port, request, {
      ip: this.ip,
      port: this.#wires.nextPort(),
      ...from,
    });
  }

  /** A request that arrives from outside the pod. */
  receive(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse> {
    if (this.#proxy) return this.#proxy.inbound(port, request, from);
    const listener = this.#listeners.get(port);
    if (listener?.type !== 'http') return Promise.reject(refused({ ip: this.ip, port }));
    return listener.handle(request, from);
  }

  async connect(target: Target, signal?: AbortSignal): Promise<Duplex> {
    const to = this.#isLoopback(target.host)
      ? { ip: this.ip, port: target.port }
      : this.#endpointOf(target);
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
    const endpoint =
      ip === undefined ? undefined : this.#wires.choose({ ip, port: target.port }, this.ip);
    if (!endpoint) return undefined;
    const listener = this.#wires
      .interfaceWith(endpoint.ip, endpoint.port)
      ?.listenerOn(endpoint.port);
    return listener?.type === 'service' ? listener.service : undefined;
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

  #addressOf({ host, port }: Target): Peer {
    const [ip] = this.resolve(host);
    if (ip === undefined) throw new NetworkError('ENOTFOUND', `Could not resolve host: ${host}`);
    return { ip, port };
  }

  #endpointOf(target: Target): Peer {
    const address = this.#addressOf(target);
    const endpoint = this.#wires.choose(address, this.ip);
    if (!endpoint) throw refused(address);
    return endpoint;
  }
}

function refused({ ip, port }: Peer): NetworkError {
  return new NetworkError('ECONNREFUSED', `connect to ${ip}:${port}: Connection refused`);
}
