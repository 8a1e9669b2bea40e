import type { Duplex } from 'node:stream';

import { resetStream } from '../../net/byte-stream.ts';
import { serveConnection } from '../../net/destination.ts';
import type { HttpRequest, HttpResponse, Peer } from '../../net/http.ts';
import {
  type Caller,
  NetworkError,
  PlainTextError,
  type PodProxy,
  type Target,
} from '../../net/network.ts';
import type { ContainerContext, RunningProgram } from '../../programs/program.ts';
import { PROXY_PORTS } from './admin/proxy-ports.ts';
import { capturedAddresses } from './dns-capture.ts';
import { type Interception, interceptionOf } from './interception.ts';
import { chooseChain } from './listener/choose-chain.ts';
import { Proxy } from './proxy.ts';
import { exchangeOverStream } from './tcp/exchange-over-stream.ts';

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

  addresses(host: string): readonly string[] | undefined {
    return capturedAddresses(host, this.#container.network, this.#proxy.configuration);
  }

  async outbound(target: Target, request: HttpRequest, from: Peer): Promise<HttpResponse> {
    const { network } = this.#container;
    const [ip] = this.addresses(target.host) ?? network.resolve(target.host);
    if (ip === undefined) {
      throw new NetworkError('ENOTFOUND', `Could not resolve host: ${target.host}`);
    }
    const { configuration } = this.#proxy;
    if (!configuration) throw closed();
    const destination = { ip, port: target.port };
    const listener = configuration.outboundListener(ip, target.port);
    const chain = chooseChain(listener, { ...destination, ...PLAIN });
    if (!chain) throw closed();
    if (chain.filter.type === 'tcp') {
      return exchangeOverStream(request, (connection) =>
        this.outboundConnection(destination, connection, from),
      );
    }
    const peer = { ...from, ...this.#proxy.caller };
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
    if (!chain) {
      this.#proxy.logRefused(from, destination);
      // PeerAuthentication DISABLE: what answers the handshake is plain text.
      throw from.identity === undefined ? closed() : new PlainTextError(network.ip, port);
    }
    if (chain.filter.type === 'tcp') {
      return exchangeOverStream(request, (connection) =>
        this.inboundConnection(port, connection, from),
      );
    }
    const isSecure = from.identity !== undefined;
    return this.#proxy.serve(chain.filter, request, { peer: from, destination, isSecure });
  }

  outboundConnection(to: Peer, connection: Duplex, from: Peer): void {
    const { configuration } = this.#proxy;
    if (!configuration) {
      resetStream(connection);
      return;
    }
    const listener = configuration.outboundListener(to.ip, to.port);
    const incoming = { connection, peer: from, destination: to, listener, configuration };
    void this.#proxy.streams.accept({ ...incoming, direction: 'OUTBOUND' });
  }

  inboundConnection(port: number, connection: Duplex, from: Caller): void {
    const { network } = this.#container;
    const { configuration } = this.#proxy;
    if (isProxyPort(port)) {
      serveConnection(network.listenerOn(port), connection, from);
      return;
    }
    if (!configuration) {
      resetStream(connection);
      return;
    }
    const listener = { chains: configuration.inboundChains(port) };
    const destination = { ip: network.ip, port };
    const incoming = { connection, peer: from, destination, listener, configuration };
    void this.#proxy.streams.accept({ ...incoming, direction: 'INBOUND' });
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

const OWN_PORTS: readonly number[] = Object.values(PROXY_PORTS);

function isProxyPort(port: number): boolean {
  return OWN_PORTS.includes(port);
}
