/** Routes as istiod gives them to proxies (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto). */
import type { ConsistentHash } from '../istio/destination-rule.ts';
import type { CorsPolicy, Headers, HttpRedirect, StringMatch } from '../istio/virtual-service.ts';

export interface RouteConfiguration {
  /** `9080`, `httpbin.default.svc.cluster.local:8000`, `http.8080`, `inbound|9080||` */
  readonly name: string;
  readonly virtualHosts: readonly VirtualHost[];
}

export interface VirtualHost {
  /** `reviews.default.svc.cluster.local:9080`, `allow_any` */
  readonly name: string;
  /** Host names as requests have them, without a port; `*.example.com`, `*` for all. */
  readonly domains: readonly string[];
  readonly routes: readonly Route[];
  /** Whether plain HTTP is redirected to https whatever the route (a Gateway's httpsRedirect). */
  readonly requiresTls?: boolean;
  readonly filterConfig?: FilterConfigs;
}

export interface Route {
  /** As access logs show it; empty: none. */
  readonly name: string;
  readonly match: RouteMatch;
  readonly action: RouteAction | RedirectAction | DirectResponseAction;
  readonly headers?: Headers;
  readonly fault?: Fault;
  readonly cors?: CorsPolicy;
  /** The object that it comes from; undefined for routes that istiod makes by itself. */
  readonly origin?: Origin;
  /** Envoy's name of the operation in traces: `reviews.default.svc.cluster.local:9080/*`. */
  readonly operation: string;
  readonly filterConfig?: FilterConfigs;
}

/** A VirtualService: written, or made by istiod of routes of the Gateway API and of Ingress objects. */
export interface Origin {
  readonly namespace: string;
  readonly name: string;
}

/** Settings of HTTP filters for one route or virtual host, by the filter's name (typed_per_filter_config). */
export type FilterConfigs = Readonly<Record<string, object>>;

export interface RouteMatch {
  readonly path: PathMatch;
  /** All have to hold; `:method`, `:authority` and `:scheme` as well as true headers. */
  readonly headers: readonly HeaderMatch[];
  readonly query: readonly { readonly name: string; readonly value: StringMatch }[];
  /** Claims of a token that has been verified, by their path (gateways only). */
  readonly claims?: readonly ClaimMatch[];
}

export type PathMatch =
  | { readonly type: 'exact' | 'prefix'; readonly value: string; readonly ignoresCase?: boolean }
  /** Whole segments: `/a` for `/a` and `/a/b`, not for `/ab`. */
  | { readonly type: 'segments'; readonly value: string }
  | { readonly type: 'regex'; readonly value: string };

export interface HeaderMatch {
  readonly name: string;
  readonly value: StringMatch;
  /** A missing header counts as empty then. */
  readonly isInverted?: boolean;
}

export interface ClaimMatch {
  readonly path: readonly string[];
  readonly value: StringMatch;
  readonly isInverted?: boolean;
}

export interface WeightedCluster {
  /** Name of a cluster, which need not exist. */
  readonly cluster: string;
  readonly weight: number;
  readonly headers?: Headers;
}

export interface RouteAction {
  readonly type: 'route';
  /** At least one, in the order written. */
  readonly clusters: readonly WeightedCluster[];
  /** undefined or 0: no limit. */
  readonly timeoutMs: number | undefined;
  readonly retries: RetryPolicy;
  readonly rewrite?: PathRewrite;
  /** Replaces the authority. */
  readonly hostRewrite?: string;
  readonly mirrors: readonly {
    readonly cluster: string;
    readonly percent: number;
  }[];
  readonly hash?: ConsistentHash;
  /** Status when the cluster does not exist: 503, for the Gateway API 500. */
  readonly missingClusterStatus: 500 | 503;
}

export type PathRewrite =
  /** Replaces what the match took: the prefix, or for other matches the whole path. */
  | { readonly type: 'prefix'; readonly value: string }
  | { readonly type: 'regex'; readonly pattern: string; readonly substitution: string };

export interface RedirectAction extends HttpRedirect {
  readonly type: 'redirect';
  /** Replaces the matched prefix alone (the Gateway API's ReplacePrefixMatch). */
  readonly prefixRewrite?: string;
}

export interface DirectResponseAction {
  readonly type: 'direct';
  readonly status: number;
  readonly body: Uint8Array | undefined;
}

export interface Fault {
  readonly delay?: { readonly fixedMs: number; readonly percent: number };
  readonly abort?: {
    readonly httpStatus?: number;
    readonly grpcStatus?: number;
    readonly percent: number;
  };
}

/** Which failures are tried again, and how often (VirtualService, HTTPRetry). */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly attempts: number;
  /** Envoy's retry_on words and plain status codes. */
  readonly conditions: ReadonlySet<string>;
  readonly perTryTimeoutMs: number | undefined;
  /** Longest wait before the first new try; each next one may take twice as long, up to ten times this. Default 25. */
  readonly backOffMs?: number;
  /** Whether hosts that failed are avoided. Default true. */
  readonly avoidsTried?: boolean;
  /** Answers with one of these headers are tried again. Default none. */
  readonly headers?: readonly string[];
}
