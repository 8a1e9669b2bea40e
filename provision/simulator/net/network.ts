import type { Duplex } from 'node:stream';

import type {
  Caller,
  CallerIdentity,
  HttpHandler,
  HttpRequest,
  HttpResponse,
  Peer,
} from './http.ts';
import type { PodDns, ResolverSettings } from './pod-dns.ts';

export type { Caller, CallerIdentity, WorkloadMetadata } from './http.ts';

/** What went wrong on the way to a host, in the words of the socket API. */
export type NetworkErrorCode =
  | 'ENOTFOUND'
  | 'ECONNREFUSED'
  | 'EHOSTUNREACH'
  | 'ETIMEDOUT'
  | 'ECONNRESET';

export class NetworkError extends Error {
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NetworkError';
    this.code = code;
  }
}

/** The other side does not take the mutual TLS of the mesh that a proxy speaks to it. */
export class PlainTextError extends NetworkError {
  constructor(ip: string, port: number) {
    super('ECONNREFUSED', `${ip}:${port} does not speak mutual TLS`);
  }
}

/** A destination as a program names it. */
export interface Target {
  /** A DNS name as seen from the caller's namespace (`reviews`, `reviews.default.svc.cluster.local`), or an IP address. */
  readonly host: string;
  readonly port: number;
}

/** What a listener on the virtual network speaks. */
export type Listener =
  | {
      readonly type: 'http';
      readonly handle: HttpHandler;
      /** Takes byte streams that come there, and owns them. Default: they are spoken to in HTTP/1.1. */
      readonly accept?: (connection: Duplex, peer: Caller) => void;
      /** Whether it takes the mesh's mutual TLS: the port of a proxy. Default false. */
      readonly takesMutualTls?: boolean;
    }
  /** `connection` carries bytes both ways; the listener ends it. */
  | { readonly type: 'tcp'; readonly accept: (connection: Duplex, peer: Caller) => void }
  /** gRPC between programs of ours (Istio's xDS): callers get the object itself instead of a stream of bytes. */
  | { readonly type: 'service'; readonly service: object };

/**
 * The virtual network of one cluster. Requests are objects handed from function to function; sockets exist only at
 * the edges (`edge.ts`), where the learner's tools, port-forward and previews come in.
 */
export interface Network {
  /**
   * Gives a pod its place on the network.
   * @throws NetworkError never; addresses are the kubelet's to allot
   */
  attach(options: AttachOptions): NetworkInterface;
  /** The host's own place: the API server, kubelets and the learner's shell call from here, without a sidecar. */
  readonly host: NetworkInterface;
  /** The interface that owns `ip`, if a pod has it. */
  interfaceOf(ip: string): NetworkInterface | undefined;
  /** What stands behind a Service's address, a node port or a pod's own address; empty when nothing listens there. */
  endpointsOf(address: Peer): readonly Peer[];
  /** Called, some milliseconds later, when a Service, an endpoint or a listener has come or gone. */
  onChange(listener: () => void): Disposable;
}

export interface AttachOptions {
  readonly ip: string;
  /** For DNS: the pod's own namespace, where short names are looked up first. */
  readonly namespace: string;
  readonly podName: string;
  /** Default: that of dnsPolicy ClusterFirst. */
  readonly resolver?: ResolverSettings;
}

/** Whose connection it is. */
export interface ConnectOptions {
  /** Whether the process is the sidecar's own user (1337), whose traffic iptables never hands to the sidecar. Default false. */
  readonly isProxyUser?: boolean;
}

/** How a request is sent. */
export interface RequestOptions extends ConnectOptions {
  /** How long connecting may take; only what is dropped on its way takes any time. Default: as long as Linux tries. */
  readonly connectTimeoutMs?: number;
  /** Told when nobody answers the connection, before the waiting begins. */
  readonly onUnanswered?: () => void;
}

/** One pod's network namespace. Disposing of it closes its listeners and frees its address. */
export interface NetworkInterface extends Disposable {
  readonly ip: string;
  readonly namespace: string;
  readonly podName: string;
  /** The pod's resolver, for programs that ask a name server themselves. */
  readonly dns: PodDns;
  /** @throws Error with code `EADDRINUSE` when the port is taken in this pod */
  listen(port: number, listener: Listener): Disposable;
  /**
   * Sends a request as a program in the pod would: name look-up, Service addresses by kube-proxy's rules, through
   * the pod's sidecar when it has one. Rejects with a `NetworkError`: what a NetworkPolicy forbids is dropped, so that the
   * caller waits until it gives up (ETIMEDOUT).
   */
  request(target: Target, request: HttpRequest, options?: RequestOptions): Promise<HttpResponse>;
  /**
   * Delivers a request straight to an address, past this pod's own sidecar: what a proxy does once it has chosen an
   * endpoint. Addresses of Services lead on by kube-proxy's rules. `from` is what the receiving proxy learns of the caller.
   * Rejects with a `NetworkError`; what is dropped on its way after `connectTimeoutMs`, by default ten seconds as Istio's
   * connectTimeout.
   */
  deliver(
    address: Peer,
    request: HttpRequest,
    from?: CallerIdentity,
    connectTimeoutMs?: number,
  ): Promise<HttpResponse>;
  /**
   * Opens a byte stream as a program in the pod would; to an HTTP listener it is spoken to in HTTP/1.1. Through a sidecar it
   * always opens at once, and what stands in the way closes it. Rejects with a `NetworkError`.
   */
  connect(target: Target, signal?: AbortSignal, options?: ConnectOptions): Promise<Duplex>;
  /**
   * Opens a byte stream straight to an address, past this pod's own sidecar: what a proxy does once it has chosen. Rejects
   * with a `NetworkError`; what is dropped on its way after ten seconds, Istio's default connectTimeout.
   */
  open(address: Peer, from?: CallerIdentity, signal?: AbortSignal): Promise<Duplex>;
  /** The object behind a `service` listener; undefined when nothing answers. */
  service(target: Target): object | undefined;
  /** Addresses of a name; empty when there is none. Takes no time, whatever stands between the pod and its name server. */
  resolve(host: string): readonly string[];
  /** The same as a program sees it: when no name server can be reached, it waits and then has none. */
  lookUp(host: string, signal?: AbortSignal): Promise<readonly string[]>;
  /** Puts a sidecar in the path of everything that enters and leaves; undefined takes it out. */
  intercept(proxy: PodProxy | undefined): void;
  /** What listens on a port, for the proxy that stands in front of it. */
  listenerOn(port: number): Listener | undefined;
}

/** A sidecar's two sides. The network calls it instead of delivering; it delivers by `NetworkInterface` and `Listener`. */
export interface PodProxy {
  /**
   * Addresses of a name that the proxy answers DNS for instead of the pod's name server; undefined: it does not know the name, or
   * leaves DNS alone. What the proxy itself looks up never gets here.
   */
  addresses?(host: string): readonly string[] | undefined;
  /**
   * Whether iptables hands a connection to the proxy: `port` and `ip` are the original destination, which for inbound ones
   * is the pod itself. Loopback and what the proxy's own user sends never get here.
   */
  intercepts(direction: TrafficDirection, port: number, ip: string): boolean;
  /** A request that a program in the pod sends. */
  outbound(target: Target, request: HttpRequest, from: Peer): Promise<HttpResponse>;
  /** A request that arrives for `port` of the pod. `identity` is the caller's, when its proxy presents one. */
  inbound(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse>;
  /**
   * A byte stream that a program in the pod opens to the original destination `to`; the proxy owns `connection` from now on.
   * `name` is what the program looked up, which Envoy never sees.
   */
  outboundConnection(to: Peer, connection: Duplex, from: Peer, name?: string): void;
  /** A byte stream that arrives for `port` of the pod; the proxy owns `connection` from now on. */
  inboundConnection(port: number, connection: Duplex, from: Caller): void;
}

export type TrafficDirection = 'inbound' | 'outbound';
