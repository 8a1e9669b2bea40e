import type { PortTrafficPolicy } from '../../istio/destination-rule.ts';

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
  /** In place of `retries`. */
  readonly budget: { readonly percent: number; readonly min: number } | undefined;
}

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
    budget: retryBudget && {
      percent: retryBudget.percent ?? DEFAULT_BUDGET_PERCENT,
      min: retryBudget.minRetryConcurrency ?? DEFAULT_BUDGET_MIN,
    },
  };
}

export const NO_LIMITS = limitsOf({});

function orNone(limit: number | undefined): number {
  return limit || Number.POSITIVE_INFINITY;
}
