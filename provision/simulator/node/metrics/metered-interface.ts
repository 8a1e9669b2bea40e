import type { Duplex } from 'node:stream';

import type { HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import type {
  CallerIdentity,
  ConnectOptions,
  Listener,
  NetworkInterface,
  PodProxy,
  RequestOptions,
  Target,
} from '../../net/network.ts';
import type { PodDns } from '../../net/pod-dns.ts';
import type { Meter } from './meter.ts';

/** Istio's own user in a pod, whose traffic iptables leaves alone (`istio-iptables -u 1337`). */
const PROXY_UID = 1337;

/** A pod's place on the network as one of its containers uses it: requests that it sends and serves are counted. */
export class MeteredInterface implements NetworkInterface {
  readonly #inner: NetworkInterface;
  readonly #meter: Meter;
  readonly #isProxyUser: boolean;

  /** @param uid of the container's user */
  constructor(inner: NetworkInterface, meter: Meter, uid = 0) {
    this.#inner = inner;
    this.#meter = meter;
    this.#isProxyUser = uid === PROXY_UID;
  }

  get ip(): string {
    return this.#inner.ip;
  }

  get namespace(): string {
    return this.#inner.namespace;
  }

  get podName(): string {
    return this.#inner.podName;
  }

  get dns(): PodDns {
    return this.#inner.dns;
  }

  listen(port: number, listener: Listener): Disposable {
    if (listener.type !== 'http') return this.#inner.listen(port, listener);
    const { handle, accept, takesMutualTls } = listener;
    return this.#inner.listen(port, {
      type: 'http',
      handle: (request, peer) => {
        this.#meter.count();
        return handle(request, peer);
      },
      ...(takesMutualTls !== undefined && { takesMutualTls }),
      ...(accept && {
        accept: (connection, peer) => {
          this.#meter.count();
          accept(connection, peer);
        },
      }),
    });
  }

  request(target: Target, request: HttpRequest, options?: RequestOptions): Promise<HttpResponse> {
    this.#meter.count();
    if (!this.#isProxyUser) return this.#inner.request(target, request, options);
    return this.#inner.request(target, request, { ...options, isProxyUser: true });
  }

  deliver(
    address: Peer,
    request: HttpRequest,
    from?: CallerIdentity,
    connectTimeoutMs?: number,
  ): Promise<HttpResponse> {
    return this.#inner.deliver(address, request, from, connectTimeoutMs);
  }

  connect(target: Target, signal?: AbortSignal, options?: ConnectOptions): Promise<Duplex> {
    this.#meter.count();
    const isProxyUser = this.#isProxyUser || options?.isProxyUser === true;
    return this.#inner.connect(target, signal, { isProxyUser });
  }

  open(address: Peer, from?: CallerIdentity, signal?: AbortSignal): Promise<Duplex> {
    return this.#inner.open(address, from, signal);
  }

  service(target: Target): object | undefined {
    return this.#inner.service(target);
  }

  resolve(host: string): readonly string[] {
    return this.#inner.resolve(host);
  }

  lookUp(host: string, signal?: AbortSignal): Promise<readonly string[]> {
    return this.#inner.lookUp(host, signal);
  }

  intercept(proxy: PodProxy | undefined): void {
    this.#inner.intercept(proxy && this.#counted(proxy));
  }

  listenerOn(port: number): Listener | undefined {
    return this.#inner.listenerOn(port);
  }

  [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
  }

  #counted(proxy: PodProxy): PodProxy {
    return {
      addresses: (host) => proxy.addresses?.(host),
      intercepts: (direction, port, ip) => proxy.intercepts(direction, port, ip),
      outbound: (target, request, from) => {
        this.#meter.count();
        return proxy.outbound(target, request, from);
      },
      inbound: (port, request, from) => {
        this.#meter.count();
        return proxy.inbound(port, request, from);
      },
      outboundConnection: (to, connection, from, name) => {
        this.#meter.count();
        proxy.outboundConnection(to, connection, from, name);
      },
      inboundConnection: (port, connection, from) => {
        this.#meter.count();
        proxy.inboundConnection(port, connection, from);
      },
    };
  }
}
