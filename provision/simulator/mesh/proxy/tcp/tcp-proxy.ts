import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../../clock.ts';
import { resetStream, streamPair } from '../../../net/byte-stream.ts';
import { serveConnection, timedOut } from '../../../net/destination.ts';
import { type Caller, HttpHeaders, type HttpRequest, type Peer } from '../../../net/http.ts';
import { PROXY_CONNECT_TIMEOUT_MS } from '../../../net/limits.ts';
import { type CallerIdentity, NetworkError, type NetworkInterface } from '../../../net/network.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import type { Direction, TcpProxy } from '../../xds/listener.ts';
import { chooseCluster } from '../http/weights.ts';
import { OPEN_CONNECTIONS, STACKED_REQUESTS } from '../limits.ts';
import { authorizesConnection } from '../security/rbac/engine.ts';
import type { MaterialSource } from '../tls/material.ts';
import { originateTls, tlsReasonOf } from '../tls/originate.ts';
import { INBOUND_SOURCE_IP } from '../upstream/delivery.ts';
import { serverNameOf, speaksMutualTls, type Upstream } from '../upstream/upstream.ts';
import { ByteCount } from './byte-count.ts';
import type { ConnectionObserver, ConnectionRecord } from './connection-record.ts';
import { relay, type RelayEnd } from './relay.ts';

/** How long a byte stream may be silent (Envoy's TcpProxy, idle_timeout: one hour). */
const IDLE_TIMEOUT_MS = 3_600_000;

export interface TcpProxyOptions {
  readonly network: NetworkInterface;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly upstream: Upstream;
  /** What the other side's proxy learns of this one. */
  readonly caller: () => CallerIdentity;
  readonly material: MaterialSource;
  readonly observer: ConnectionObserver;
  /** Adds to a counter of the proxy's statistics: `tcp.rbac.allowed`. */
  readonly count: (statistic: string) => void;
}

/** A byte stream that has come to a listener. */
export interface Arrival {
  readonly connection: Duplex;
  readonly peer: Caller;
  readonly destination: Peer;
  readonly direction: Direction;
  readonly serverName: string | undefined;
  /** Whether the proxy has taken the mesh's own TLS off; else what the caller's proxy says goes on with the bytes. */
  readonly endsMutualTls: boolean;
}

/**
 * Hands byte streams on to clusters: one is chosen by weight for each connection, then an endpoint of it
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/tcp_proxy_filter). One per proxy.
 */
export class TcpProxies {
  readonly #options: TcpProxyOptions;
  /** Connections to each cluster now. */
  readonly #active = new Map<string, number>();
  readonly #open = new Set<ConnectionRecord>();
  #served = 0;

  constructor(options: TcpProxyOptions) {
    this.#options = options;
  }

  /** Connections that are open now, for metrics. */
  get open(): ReadonlySet<ConnectionRecord> {
    return this.#open;
  }

  /** Serves one connection to its end; never rejects. One that there is no room for is reset. */
  async serve(
    filter: TcpProxy,
    arrival: Arrival,
    configuration: ProxyConfiguration,
  ): Promise<void> {
    const { connection } = arrival;
    // A client that goes away is noticed by the relay, or here before there is one.
    connection.on('error', () => undefined);
    if (this.#served >= OPEN_CONNECTIONS) {
      resetStream(connection);
      return;
    }
    this.#served++;
    try {
      // In a loop of proxies others get their turn as well.
      if (this.#served % STACKED_REQUESTS === 0) await setImmediate();
      await this.#serve(filter, arrival, configuration);
    } finally {
      this.#served--;
    }
  }

  async #serve(
    filter: TcpProxy,
    arrival: Arrival,
    configuration: ProxyConfiguration,
  ): Promise<void> {
    const { clock, observer } = this.#options;
    const record = newRecord(arrival, clock.now());
    const { connection } = arrival;
    try {
      const verdict = authorizesConnection(filter.filters, factsOf(arrival), this.#options.count);
      if (verdict.type === 'denied') record.details = verdict.details;
      else await this.#pass(filter, { arrival, record, configuration });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      // Envoy tries once, and says that this was the last time.
      record.flags = connection.destroyed ? 'DC' : 'UF,URX';
      record.transportFailure = transportFailureOf(error);
    } finally {
      if (!connection.destroyed) resetStream(connection);
      record.endMs = clock.now();
      this.#open.delete(record);
      observer.ended(record);
    }
  }

  async #pass(filter: TcpProxy, passing: Passing): Promise<void> {
    const { arrival, record, configuration } = passing;
    const name = chooseCluster(filter.clusters, this.#options.random)?.cluster ?? '-';
    record.clusterName = name;
    const cluster = configuration.cluster(name);
    record.cluster = cluster;
    if (!cluster) {
      record.flags = 'NC';
      return;
    }
    const { upstream } = this.#options;
    const endpoint = upstream.pick(cluster, arrival.destination, NO_REQUEST);
    record.endpoint = endpoint;
    if (!endpoint) {
      record.flags = 'UH';
      return;
    }
    const limit = cluster.policy.connectionPool?.tcp?.maxConnections ?? 0;
    const active = this.#active.get(name) ?? 0;
    if (limit > 0 && active >= limit) {
      record.flags = 'UO';
      return;
    }
    this.#active.set(name, active + 1);
    try {
      await this.#join(filter, cluster, { ...passing, endpoint });
    } finally {
      const left = (this.#active.get(name) ?? 1) - 1;
      if (left > 0) this.#active.set(name, left);
      else this.#active.delete(name);
    }
  }

  async #join(
    filter: TcpProxy,
    cluster: Cluster,
    { arrival, record, endpoint }: Passing & { readonly endpoint: Endpoint },
  ): Promise<void> {
    const { clock, observer, upstream } = this.#options;
    const { connection } = arrival;
    const to = await this.#connect(cluster, endpoint, { arrival, record });
    upstream.noteConnection(cluster, endpoint, true);
    this.#open.add(record);
    observer.opened(record);
    const { tcp } = cluster.policy.connectionPool ?? {};
    const how = await relay(connection, to, {
      clock,
      idleTimeoutMs: filter.idleTimeoutMs ?? parseDurationMs(tcp?.idleTimeout) ?? IDLE_TIMEOUT_MS,
      durationLimitMs: parseDurationMs(tcp?.maxConnectionDuration) ?? 0,
      onReceived: (bytes) => record.received.add(bytes, clock.now()),
      onSent: (bytes) => record.sent.add(bytes, clock.now()),
    });
    record.flags = FLAGS[how];
  }

  /** @throws NetworkError when the endpoint cannot be reached */
  async #connect(
    cluster: Cluster,
    endpoint: Endpoint,
    { arrival, record }: Pick<Passing, 'arrival' | 'record'>,
  ): Promise<Duplex> {
    const { network, upstream, clock } = this.#options;
    if (arrival.direction === 'INBOUND') return this.#openInside(endpoint.port, arrival);
    const late = new AbortController();
    const limitMs =
      parseDurationMs(cluster.policy.connectionPool?.tcp?.connectTimeout) ??
      PROXY_CONNECT_TIMEOUT_MS;
    using timer = clock.after(limitMs, () => late.abort(timedOut(endpoint)));
    void timer;
    const onGone = () => late.abort(new NetworkError('ECONNRESET', 'The client has gone'));
    arrival.connection.once('close', onGone);
    try {
      const identity = this.#identityFor(cluster, endpoint, arrival);
      record.isMutualTls = identity.identity !== undefined;
      const opened = await network.open(endpoint, identity, late.signal);
      return await this.#secured(cluster, opened);
    } catch (error) {
      upstream.noteConnection(cluster, endpoint, false);
      throw error;
    } finally {
      arrival.connection.off('close', onGone);
    }
  }

  /** TLS of the proxy's own, where the rule wants it. */
  async #secured(cluster: Cluster, opened: Duplex): Promise<Duplex> {
    const settings = cluster.policy.tls;
    const mode = settings?.mode;
    if (!settings || (mode !== 'SIMPLE' && mode !== 'MUTUAL')) return opened;
    const { material, network } = this.#options;
    const origination = { settings, host: undefined, namespace: network.namespace, protocols: [] };
    return originateTls(opened, origination, material);
  }

  /** What the receiving proxy is told: who this one is, or, where bytes only pass, what the first proxy said. */
  #identityFor(
    cluster: Cluster,
    endpoint: Endpoint,
    { peer, endsMutualTls }: Arrival,
  ): CallerIdentity {
    if (!endsMutualTls && peer.identity !== undefined) {
      const { ip: _ip, port: _port, ...identity } = peer;
      return identity;
    }
    if (!speaksMutualTls(cluster, endpoint)) return {};
    const serverName = serverNameOf(cluster);
    return { ...this.#options.caller(), serverName, applicationProtocol: 'istio' };
  }

  /** To the application beside a sidecar, from the address that inbound connections come from. */
  #openInside(port: number, { peer }: Arrival): Duplex {
    const { network } = this.#options;
    const listener = network.listenerOn(port);
    if (!listener || listener.type === 'service') {
      throw new NetworkError('ECONNREFUSED', `Nothing listens on port ${port}`);
    }
    const [near, far] = streamPair();
    serveConnection(listener, far, { ip: INBOUND_SOURCE_IP, port: peer.port });
    return near;
  }
}

interface Passing {
  readonly arrival: Arrival;
  readonly record: ConnectionRecord;
  readonly configuration: ProxyConfiguration;
}

/** Byte streams have nothing that a hash could be made of. */
const NO_REQUEST: HttpRequest = {
  method: '',
  path: '',
  authority: '',
  headers: new HttpHeaders(),
  body: new Uint8Array(),
};

const FLAGS: Readonly<Record<RelayEnd, string>> = {
  ended: '-',
  'downstream-gone': '-',
  'upstream-gone': 'UC',
  idle: 'SI',
  'too-long': 'DT',
};

function factsOf({ peer, destination, serverName, endsMutualTls }: Arrival) {
  const principal = endsMutualTls ? peer.identity : undefined;
  return { sourceIp: peer.ip, destination, principal, serverName };
}

function newRecord(arrival: Arrival, startMs: number): ConnectionRecord {
  const { direction, peer, destination, serverName } = arrival;
  return {
    direction,
    startMs,
    peer,
    destination,
    serverName,
    clusterName: '-',
    cluster: undefined,
    endpoint: undefined,
    isMutualTls: false,
    received: new ByteCount(startMs),
    sent: new ByteCount(startMs),
    flags: '-',
    details: '-',
    transportFailure: '-',
    endMs: undefined,
  };
}

function transportFailureOf(error: NetworkError): string {
  const other = error.code === 'ECONNREFUSED' ? 'delayed connect error: Connection refused' : '-';
  return tlsReasonOf(error) ?? other;
}
