import type { Duplex } from 'node:stream';

import { resetStream } from '../../net/byte-stream.ts';
import type { Caller, HttpRequest, HttpResponse } from '../../net/http.ts';
import { NetworkError } from '../../net/network.ts';
import type { ContainerContext, RunningProgram } from '../../programs/program.ts';
import type { Listener } from '../xds/listener.ts';
import { chooseChain } from './listener/choose-chain.ts';
import { Proxy } from './proxy.ts';
import { exchangeOverStream } from './tcp/exchange-over-stream.ts';

/** Envoy that stands alone at the edge of the mesh: opens the ports that Gateways ask for, and no others. */
export class GatewayProxy implements RunningProgram {
  readonly exited = new Promise<number>(() => undefined);
  readonly #proxy: Proxy;
  readonly #container: ContainerContext;
  readonly #open = new Map<number, { listener: Listener; readonly socket: Disposable }>();

  constructor(container: ContainerContext) {
    this.#container = container;
    this.#proxy = new Proxy(container, 'router', () => this.#update());
    container.log(`${new Date(container.clock.now()).toISOString()}\tinfo\tEnvoy proxy is ready`);
  }

  stop(): void {
    for (const { socket } of this.#open.values()) socket[Symbol.dispose]();
    this.#open.clear();
    this.#proxy[Symbol.dispose]();
  }

  /** Opens and closes ports; a port that stays keeps its connections and gets the new rules. */
  #update(): void {
    const wanted = this.#proxy.configuration?.listeners ?? [];
    for (const [port, { socket }] of this.#open) {
      if (wanted.some((listener) => listener.port === port)) continue;
      socket[Symbol.dispose]();
      this.#open.delete(port);
    }
    for (const listener of wanted) {
      const old = this.#open.get(listener.port);
      if (old) old.listener = listener;
      else this.#openPort(listener);
    }
  }

  /** A port that is taken, as those of the proxy itself are, stays with who has it: the rest of the configuration is in force. */
  #openPort(listener: Listener): void {
    const { port, name } = listener;
    try {
      this.#open.set(port, { listener, socket: this.#listen(port) });
    } catch (error) {
      if (!isTaken(error)) throw error;
      const time = new Date(this.#container.clock.now()).toISOString();
      this.#container.log(
        `${time}\twarning\tenvoy config\tgRPC config for type.googleapis.com/envoy.config.listener.v3.Listener rejected: ` +
          `Error adding/updating listener(s) ${name}: cannot bind '0.0.0.0:${port}': Address already in use`,
      );
    }
  }

  #listen(port: number): Disposable {
    return this.#container.network.listen(port, {
      type: 'http',
      takesMutualTls: true,
      handle: (request, peer) => this.#handle(port, request, peer),
      accept: (connection, peer) => this.#accept(port, connection, peer),
    });
  }

  async #handle(port: number, request: HttpRequest, peer: Caller): Promise<HttpResponse> {
    const destination = { ip: this.#container.network.ip, port };
    const listener = this.#open.get(port)?.listener;
    const isMutual = peer.identity !== undefined;
    const chain =
      listener &&
      chooseChain(listener, {
        ...destination,
        serverName: isMutual ? peer.serverName : undefined,
        transport: isMutual ? 'tls' : 'raw_buffer',
        applicationProtocols: [isMutual ? 'istio-http/1.1' : 'http/1.1'],
      });
    if (chain?.filter.type === 'tcp') {
      return exchangeOverStream(request, (connection) => this.#accept(port, connection, peer));
    }
    // Plain text where TLS is wanted, or the other way round.
    if (!chain || (chain.tls && !(chain.tls.type === 'istio' && isMutual))) {
      throw new NetworkError('ECONNRESET', 'Connection reset by peer');
    }
    return this.#proxy.serve(chain.filter, request, { peer, destination, isSecure: isMutual });
  }

  #accept(port: number, connection: Duplex, peer: Caller): void {
    const { configuration } = this.#proxy;
    const listener = this.#open.get(port)?.listener;
    if (!configuration || !listener) {
      resetStream(connection);
      return;
    }
    const destination = { ip: this.#container.network.ip, port };
    const incoming = { connection, peer, destination, listener, configuration };
    void this.#proxy.streams.accept({ ...incoming, direction: 'OUTBOUND' });
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
