/** Listeners as istiod gives them to proxies (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto). */
import type { ServerTls } from '../istio/gateway.ts';
import type { AuthorizationPolicy, JwtRule } from '../istio/security.ts';
import type { RouteConfiguration, WeightedCluster } from './route.ts';

export type Direction = 'OUTBOUND' | 'INBOUND';

export interface Listener {
  /** `0.0.0.0_9080`, `10.96.12.7_8000`, `virtualInbound`, `virtualOutbound` */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly direction: Direction;
  /** Whether the listener gets what iptables hands on, by original destination, instead of listening itself. */
  readonly isVirtual: boolean;
  /** The most specific match counts, as in Envoy: destination port, prefix, SNI, transport, application protocol. */
  readonly chains: readonly FilterChain[];
  readonly defaultChain?: FilterChain;
}

export interface FilterChain {
  readonly name: string;
  readonly match: FilterChainMatch;
  /** How TLS is taken off; undefined: bytes as they come. */
  readonly tls?: DownstreamTls;
  readonly filter: HttpConnectionManager | TcpProxy;
}

export interface FilterChainMatch {
  readonly destinationPort?: number;
  /** `10.96.0.1/32` */
  readonly prefixRanges?: readonly string[];
  /** SNI names; `*.example.com` for a suffix. */
  readonly serverNames?: readonly string[];
  readonly transport?: 'tls' | 'raw_buffer';
  /** `http/1.1`, `h2c` (seen in the first bytes), or ALPN: `istio`, `istio-http/1.1` … */
  readonly applicationProtocols?: readonly string[];
}

export type DownstreamTls =
  /** Mutual TLS of the mesh: the peer is a `CallerIdentity`. */
  | { readonly type: 'istio' }
  /** A gateway's server; certificates come from Secrets of this namespace, or files of the pod. */
  | { readonly type: 'server'; readonly settings: ServerTls; readonly namespace: string };

export interface HttpConnectionManager {
  readonly type: 'http';
  readonly direction: Direction;
  /** Whether a gateway, at the edge, makes x-forwarded-for and sanitises what callers claim. */
  readonly isEdge: boolean;
  /** Proxies before this one whose entries in x-forwarded-for are believed (xff_num_trusted_hops). Default 0. */
  readonly trustedProxies?: number;
  /** Name of a route configuration, or the configuration itself. */
  readonly routes: string | RouteConfiguration;
  /** In order; the fault filter, CORS and the router are always there and not listed. */
  readonly filters: readonly HttpFilterConfig[];
}

export type HttpFilterConfig = JwtFilterConfig | RbacFilterConfig | LocalRateLimitConfig;

/** RequestAuthentication: rules of all objects that apply, in their order. */
export interface JwtFilterConfig {
  readonly type: 'jwt';
  readonly rules: readonly JwtRule[];
}

/** AuthorizationPolicies that apply, oldest first, one filter for each action. */
export interface RbacFilterConfig {
  readonly type: 'rbac';
  readonly action: 'ALLOW' | 'DENY' | 'AUDIT';
  readonly policies: readonly AuthorizationPolicy[];
  /** Policies that are only tried out (annotation istio.io/dry-run). */
  readonly shadow: readonly AuthorizationPolicy[];
}

/** envoy.filters.http.local_ratelimit, from an EnvoyFilter. */
export interface LocalRateLimitConfig {
  readonly type: 'local-rate-limit';
  /** The filter's typed_config as written; empty: only routes have settings. */
  readonly settings: object;
}

export interface TcpProxy {
  readonly type: 'tcp';
  readonly clusters: readonly WeightedCluster[];
  /** `outbound|9000||tcp-echo…`: how statistics are named. */
  readonly statPrefix: string;
  readonly idleTimeoutMs?: number;
  readonly filters: readonly RbacFilterConfig[];
}
