import type { PortTrafficPolicy } from '../../istio/destination-rule.ts';

/** Counts of one cluster, as Envoy's statistics name them. */
export interface PoolStatistics {
  readonly upstream_rq_total: number;
  readonly upstream_rq_active: number;
  readonly upstream_rq_pending_active: number;
  readonly upstream_rq_pending_total: number;
  readonly upstream_rq_pending_overflow: number;
}

/**
 * Envoy's circuit breaker of one cluster (https://istio.io/latest/docs/reference/config/networking/destination-rule/,
 * ConnectionPoolSettings): a request without a free connection waits, and where too many wait it is refused at once. Counts as
 * an Envoy with a single worker does; 0 and unset mean no limit.
 */
export class ConnectionPool {
  #active = 0;
  #total = 0;
  #waited = 0;
  #overflows = 0;
  readonly #waiting: (() => void)[] = [];

  get statistics(): PoolStatistics {
    return {
      upstream_rq_total: this.#total,
      upstream_rq_active: this.#active,
      upstream_rq_pending_active: this.#waiting.length,
      upstream_rq_pending_total: this.#waited,
      upstream_rq_pending_overflow: this.#overflows,
    };
  }

  /** Counters begin anew; what is under way stays counted. */
  resetStatistics(): void {
    this.#total = 0;
    this.#waited = 0;
    this.#overflows = 0;
  }

  /** Takes a connection, at once or after waiting; `false`, or a promise of true. Give it back with `release`. */
  acquire(policy: PortTrafficPolicy): boolean | Promise<boolean> {
    const { tcp, http } = policy.connectionPool ?? {};
    const connections = Math.min(
      tcp?.maxConnections || Number.POSITIVE_INFINITY,
      http?.http2MaxRequests || Number.POSITIVE_INFINITY,
    );
    if (this.#active < connections) {
      this.#begin();
      return true;
    }
    const places = http?.http1MaxPendingRequests || Number.POSITIVE_INFINITY;
    if (this.#waiting.length >= places) {
      this.#overflows++;
      return false;
    }
    this.#waited++;
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        this.#begin();
        resolve(true);
      });
    });
  }

  release(): void {
    this.#active--;
    this.#waiting.shift()?.();
  }

  #begin(): void {
    this.#active++;
    this.#total++;
  }
}
