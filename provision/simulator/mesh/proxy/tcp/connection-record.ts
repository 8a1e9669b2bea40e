import type { Caller, Peer } from '../../../net/http.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import type { Direction } from '../../xds/listener.ts';
import type { ByteCount } from './byte-count.ts';

/**
 * One byte stream through a proxy: what its metrics and its log line are made of (Envoy's StreamInfo of a connection). Grows while
 * the connection lasts; whoever reports reads it when it is looked at.
 */
export interface ConnectionRecord {
  readonly direction: Direction;
  readonly startMs: number;
  readonly peer: Caller;
  /** The address that the caller meant. */
  readonly destination: Peer;
  /** SNI, of the mesh's own TLS or of the client's; undefined without one. */
  readonly serverName: string | undefined;
  /** Name of the cluster, even when there is none of that name; `-` before one is chosen. */
  clusterName: string;
  cluster: Cluster | undefined;
  endpoint: Endpoint | undefined;
  /** Whether the proxy speaks mutual TLS to the endpoint. */
  isMutualTls: boolean;
  /** From the client. */
  readonly received: ByteCount;
  /** To the client. */
  readonly sent: ByteCount;
  /** Envoy's response flags; `-` for none. */
  flags: string;
  /** `rbac_access_denied_matched_policy[none]`; `-` for none (CONNECTION_TERMINATION_DETAILS). */
  details: string;
  /** Why the connection to the endpoint could not be made; `-` for none. */
  transportFailure: string;
  endMs: number | undefined;
}

/** Who is told of connections. */
export interface ConnectionObserver {
  /** The connection to the endpoint is there. */
  opened(record: ConnectionRecord): void;
  /** Told of every connection, also of one that got nowhere. */
  ended(record: ConnectionRecord): void;
}
