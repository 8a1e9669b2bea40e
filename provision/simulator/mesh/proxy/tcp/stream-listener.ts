import type { Duplex } from 'node:stream';

import { resetStream } from '../../../net/byte-stream.ts';
import type { Caller, HttpHandler, Peer } from '../../../net/http.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type {
  Direction,
  FilterChain,
  HttpConnectionManager,
  Listener,
} from '../../xds/listener.ts';
import { certificateDetails } from '../http/client-certificate.ts';
import { chooseChain } from '../listener/choose-chain.ts';
import type { ShownCertificate } from '../security/workload-certificate.ts';
import { acceptMutualTls } from '../tls/accept-mutual.ts';
import type { MaterialSource } from '../tls/material.ts';
import { terminateTls } from '../tls/terminate.ts';
import { serveHttp } from './http-codec.ts';
import { inspect, type Inspected, looksAtBytes, UNINSPECTED } from './inspect.ts';
import type { TcpProxies } from './tcp-proxy.ts';

export interface StreamListenerOptions {
  readonly tcp: TcpProxies;
  readonly material: MaterialSource;
  /** The proxy's own namespace. */
  readonly namespace: string;
  /** What the proxy shows callers that are no proxies of ours: openssl, and programs with certificates of the mesh. */
  readonly certificate: () => ShownCertificate | undefined;
  /** Told of a connection that arrives and that no chain is for. */
  readonly refused: (peer: Caller, destination: Peer) => void;
  /** Answers a request that has come on a byte stream. */
  readonly answer: (
    manager: HttpConnectionManager,
    downstream: Caught & { readonly isSecure: boolean },
  ) => HttpHandler;
}

/** Where a byte stream came from and meant to go. */
export interface Caught {
  readonly peer: Caller;
  readonly destination: Peer;
}

/** A byte stream and the listener that takes it. */
export interface Incoming extends Caught {
  readonly connection: Duplex;
  readonly direction: Direction;
  readonly listener: Pick<Listener, 'chains' | 'defaultChain'>;
  readonly configuration: ProxyConfiguration;
}

/** Takes byte streams through a listener: its filters look at the first bytes, a chain is chosen, TLS ends there, and HTTP or TCP goes on. */
export class StreamListener {
  readonly #options: StreamListenerOptions;

  constructor(options: StreamListenerOptions) {
    this.#options = options;
  }

  /** Serves one connection; never rejects. What no chain is for is reset. */
  async accept(incoming: Incoming): Promise<void> {
    const { connection, listener, peer, destination } = incoming;
    connection.on('error', () => undefined);
    const inspected = await inspectFor(incoming);
    const chain = inspected && chooseChain(listener, { ...destination, ...inspected });
    if (!inspected || !chain) {
      if (inspected && incoming.direction === 'INBOUND') this.#options.refused(peer, destination);
      resetStream(connection);
      return;
    }
    if (chain.tls?.type === 'server') await this.#terminate(chain, inspected, incoming);
    else if (chain.tls?.type === 'istio' && peer.identity === undefined) {
      await this.#welcome(chain, inspected, incoming);
    } else await this.#serve(chain, inspected, incoming);
  }

  /** Mutual TLS in bytes: the handshake shows the workload's certificate, and fails for who has none of the mesh. */
  async #welcome(chain: FilterChain, inspected: Inspected, incoming: Incoming): Promise<void> {
    const { connection, peer } = incoming;
    const shown = this.#options.certificate();
    if (!shown) {
      resetStream(connection);
      return;
    }
    const accepted = await acceptMutualTls(connection, shown);
    if (!accepted) return;
    const { secure, identity } = accepted;
    const known = { ...incoming, connection: secure, peer: { ...peer, identity } };
    await this.#serve(chain, inspected, known);
  }

  async #terminate(chain: FilterChain, inspected: Inspected, incoming: Incoming): Promise<void> {
    const { connection } = incoming;
    const { material, namespace } = this.#options;
    if (chain.tls?.type !== 'server' || inspected.transport !== 'tls') {
      resetStream(connection);
      return;
    }
    const protocols = chain.filter.type === 'http' ? ['h2', 'http/1.1'] : [];
    let secure;
    try {
      const termination = { settings: chain.tls.settings, namespace, protocols };
      secure = await terminateTls(connection, termination, material);
    } catch {
      // No certificate, or none that both like: the client's own tool says what it makes of that.
      if (!connection.writableEnded) resetStream(connection);
      return;
    }
    const applicationProtocols = secure.alpnProtocol === 'h2' ? ['h2'] : [];
    const certificate = secure.getPeerX509Certificate();
    const peer = {
      ...incoming.peer,
      ...(certificate && { certificateDetails: certificateDetails(certificate) }),
    };
    await this.#serve(
      chain,
      { ...inspected, applicationProtocols },
      { ...incoming, peer, connection: secure },
    );
  }

  async #serve(chain: FilterChain, inspected: Inspected, incoming: Incoming): Promise<void> {
    const { connection, peer, destination, direction, configuration } = incoming;
    const { filter, tls } = chain;
    if (filter.type === 'http') {
      const isSecure = tls !== undefined;
      const seen = inspected === UNINSPECTED ? await inspect(connection) : inspected;
      const isHttp2 = seen?.applicationProtocols.some((one) => one === 'h2' || one === 'h2c');
      const known = {
        ...peer,
        ...(inspected.serverName && { serverName: inspected.serverName }),
        ...(isHttp2 && { isHttp2 }),
      };
      const handle = this.#options.answer(filter, { peer: known, destination, isSecure });
      serveHttp(connection, peer, { protocol: isHttp2 ? 'h2' : 'http/1.1', handle });
      return;
    }
    await this.#options.tcp.serve(
      filter,
      {
        connection,
        peer,
        destination,
        direction,
        serverName: inspected.serverName,
        endsMutualTls: tls?.type === 'istio',
      },
      configuration,
    );
  }
}

/** What is known of a connection: what its proxy says of it, or its first bytes, where the listener looks at them. */
async function inspectFor({
  peer,
  listener,
  connection,
}: Incoming): Promise<Inspected | undefined> {
  if (peer.identity !== undefined) {
    return {
      transport: 'tls',
      serverName: peer.serverName,
      applicationProtocols: [peer.applicationProtocol ?? 'istio'],
    };
  }
  return looksAtBytes(listener) ? inspect(connection) : UNINSPECTED;
}
