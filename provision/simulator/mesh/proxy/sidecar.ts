import type { Duplex } from 'node:stream';

import { httpBridge } from '../../net/http-bridge.ts';
import type { HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import { type Caller, NetworkError, type PodProxy, type Target } from '../../net/network.ts';
import type { ContainerContext, RunningProgram } from '../../programs/program.ts';
import type { TcpProxy } from '../xds/listener.ts';
import { PROXY_PORTS } from './admin/ports.ts';
import { addClientCertificate } from './client-certificate.ts';
import { type Interception, interceptionOf } from './interception.ts';
import { chooseChain } from './listener/choose-chain.ts';
import { Proxy } from './proxy.ts';
import { serverNameOf } from './upstream/upstream.ts';

/** Envoy beside an application: every request and byte stream that leaves or enters the pod passes through here. */
export class Sidecar implements RunningProgram, PodProxy {
  readonly exited = new Promise<number>(() => undefined);
  readonly intercepts: Interception;
  readonly #proxy: Proxy;
  readonly #container: ContainerContext;

  constructor(container: ContainerContext) {
    this.#container = container;
    this.intercepts = interceptionOf(container.pod);
    this.#proxy = new Proxy(container, 'sidecar', () => undefined);
    container.network.intercept(this);
    container.log(`${new Date(container.clock.now()).toISOString()}\tinfo\tEnvoy proxy is ready`);
  }

  stop(): void {
    this.#container.network.intercept(undefined);
    this.#proxy[Symbol.dispose]();
  }

  async outbound(target: Target, request: HttpRequest): Promise<HttpResponse> {
    const { network } = this.#container;
    const [ip] = network.resolve(target.host);
    if (ip === undefined) {
      throw new NetworkError('ENOTFOUND', `Could not resolve host: ${target.host}`);
    }
    const { configuration } = this.#proxy;
    if (!configuration) throw closed();
    const destination = { ip, port: target.port };
    const listener = configuration.outboundListener(ip, target.port);
    const chain = chooseChain(listener, { ...destination, ...PLAIN });
    if (!chain) throw closed();
    if (chain.filter.type === 'tcp') return this.#sendOpaque(chain.filter, request, destination);
    const peer = { ip: network.ip, port: 0, ...this.#proxy.caller };
    return this.#proxy.serve(chain.filter, request, { peer, destination, isSecure: false });
  }

  async inbound(port: number, request: HttpRequest, from: Caller): Promise<HttpResponse> {
    const { network } = this.#container;
    const listener = network.listenerOn(port);
    if (listener?.type === 'http' && isProxyPort(port)) return listener.handle(request, from);
    const destination = { ip: network.ip, port };
    const facts = { ...destination, ...(from.identity === undefined ? PLAIN : MUTUAL) };
    const chains = this.#proxy.configuration?.inboundChains(port) ?? [];
    const chain = chooseChain({ chains }, facts);
    if (!chain) throw closed();
    if (chain.filter.type === 'tcp') {
      if (listener?.type !== 'http') throw closed();
      return listener.handle(request, from);
    }
    const isSecure = from.identity !== undefined;
    const passed = isSecure ? this.#withCertificate(request, from.identity) : request;
    return this.#proxy.serve(chain.filter, passed, { peer: from, destination, isSecure });
  }

  outboundConnection(to: Peer, connection: Duplex): void {
    const opening = this.#container.network.open(to, this.#proxy.caller);
    opening.then(
      (upstream) => join(connection, upstream),
      () => connection.destroy(),
    );
  }

  inboundConnection(port: number, connection: Duplex, from: Caller): void {
    const listener = this.#container.network.listenerOn(port);
    if (listener?.type === 'tcp') listener.accept(connection, from);
    else if (listener?.type === 'http') {
      httpBridge.accept(connection, from, (request) => this.inbound(port, request, from));
    } else connection.destroy();
  }

  #withCertificate(request: HttpRequest, identity: string): HttpRequest {
    const headers = request.headers.clone();
    addClientCertificate(headers, this.#proxy.caller.identity ?? '', identity);
    return { ...request, headers };
  }

  /** A request on a port that carries TCP as far as the mesh knows: passed on as it is, to one endpoint. */
  async #sendOpaque(
    { clusters }: TcpProxy,
    request: HttpRequest,
    destination: Peer,
  ): Promise<HttpResponse> {
    const { upstream, caller, configuration } = this.#proxy;
    const cluster = configuration?.cluster(clusters[0]?.cluster ?? '');
    const endpoint = cluster && upstream.pick(cluster, destination, request);
    if (!cluster || !endpoint) throw closed();
    const identity = endpoint.hasSidecar ? { ...caller, serverName: serverNameOf(cluster) } : {};
    try {
      return await this.#container.network.deliver(endpoint, request, identity);
    } catch (cause) {
      if (!(cause instanceof NetworkError)) throw cause;
      // The program is connected to the proxy already, and sees that connection end.
      throw new NetworkError('ECONNRESET', 'Connection reset by peer', { cause });
    }
  }
}

const PLAIN = {
  serverName: undefined,
  transport: 'raw_buffer',
  applicationProtocols: ['http/1.1'],
} as const;
const MUTUAL = {
  serverName: undefined,
  transport: 'tls',
  applicationProtocols: ['istio-http/1.1'],
} as const;

function closed(): NetworkError {
  return new NetworkError('ECONNRESET', 'Connection reset by peer');
}

/** Hands bytes on both ways until both sides have ended, or one is gone. */
function join(near: Duplex, far: Duplex): void {
  near.pipe(far);
  far.pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', () => other.destroy());
    one.once('close', () => other.destroy());
  }
}

const OWN_PORTS: readonly number[] = Object.values(PROXY_PORTS);

function isProxyPort(port: number): boolean {
  return OWN_PORTS.includes(port);
}
