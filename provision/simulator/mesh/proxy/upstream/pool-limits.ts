import type { PortTrafficPolicy } from '../../istio/destination-rule.ts';
import { parseDurationMs } from '../../istio/duration.ts';

type ConnectionPool = NonNullable<PortTrafficPolicy['connectionPool']>;

/** Thresholds of a cluster's circuit breakers; Infinity where the rule says nothing, or 0. */
export interface Limits {
  readonly connections: number;
  readonly pending: number;
  readonly requests: number;
  readonly retries: number;
  /** Requests that one connection takes; 0: no limit. */
  readonly perConnection: number;
  /** Whether each request has a connection of its own, of which there may only be some. */
  readonly isEachNew: boolean;
  /** How long a connection is kept that nobody uses. */
  readonly idleMs: number;
  /** Age at which a connection takes no more requests. */
  readonly longestMs: number;
  /** In place of `retries`. */
  readonly budget: { readonly percent: number; readonly min: number } | undefined;
}

/** Envoy closes a connection that nobody uses after an hour (common_http_protocol_options.idle_timeout). */
const IDLE_MS = 3_600_000;
const DEFAULT_BUDGET_PERCENT = 20;
const DEFAULT_BUDGET_MIN = 3;

/** What a DestinationRule's connectionPool and retryBudget allow. */
export function limitsOf({ connectionPool, retryBudget }: PortTrafficPolicy): Limits {
  const { tcp, http } = connectionPool ?? {};
  const perConnection = http?.maxRequestsPerConnection ?? 0;
  return {
    connections: orNone(tcp?.maxConnections),
    pending: orNone(http?.http1MaxPendingRequests),
    requests: orNone(http?.http2MaxRequests),
    retries: orNone(http?.maxRetries),
    perConnection,
    isEachNew: perConnection === 1 && Boolean(tcp?.maxConnections),
    ...lifetimesOf(tcp, http),
    budget: retryBudget && {
      percent: retryBudget.percent ?? DEFAULT_BUDGET_PERCENT,
      min: retryBudget.minRetryConcurrency ?? DEFAULT_BUDGET_MIN,
    },
  };
}

function lifetimesOf(
  tcp: ConnectionPool['tcp'],
  http: ConnectionPool['http'],
): Pick<Limits, 'idleMs' | 'longestMs'> {
  return {
    idleMs: parseDurationMs(http?.idleTimeout) ?? parseDurationMs(tcp?.idleTimeout) ?? IDLE_MS,
    longestMs: orNone(parseDurationMs(tcp?.maxConnectionDuration)),
  };
}

export const NO_LIMITS = limitsOf({});

function orNone(limit: number | undefined): number {
  return limit || Number.POSITIVE_INFINITY;
}
