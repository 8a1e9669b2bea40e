/** Values of one cluster by Envoy's names, without the cluster's own. */
export type ClusterStatistics = Readonly<Record<string, number>>;

/**
 * Counters of one cluster (https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats); those that
 * Envoy has from the start are 0 before anything happens.
 */
export class Counters {
  readonly #values = new Map<string, number>();
  /** Answers by their code. */
  readonly #statuses = new Map<number, number>();

  add(name: string): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + 1);
  }

  /** Counts an answer by its code and class, as `upstream_rq_200` and `upstream_rq_2xx`. */
  addStatus(status: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  reset(): void {
    this.#values.clear();
    this.#statuses.clear();
  }

  get all(): ClusterStatistics {
    const all: Record<string, number> = { ...ZEROS, ...Object.fromEntries(this.#values) };
    for (const [status, count] of this.#statuses) {
      const names = [String(status), `${Math.floor(status / 100)}xx`, 'completed'];
      for (const name of names)
        all[`upstream_rq_${name}`] = (all[`upstream_rq_${name}`] ?? 0) + count;
    }
    return all;
  }
}

const ZEROS: ClusterStatistics = Object.fromEntries(
  [
    'upstream_cx_total',
    'upstream_cx_http1_total',
    'upstream_cx_connect_fail',
    'upstream_cx_connect_timeout',
    'upstream_cx_overflow',
    'upstream_cx_destroy',
    'upstream_cx_idle_timeout',
    'upstream_cx_max_requests',
    'upstream_cx_none_healthy',
    'upstream_rq_total',
    'upstream_rq_cancelled',
    'upstream_rq_completed',
    'upstream_rq_pending_total',
    'upstream_rq_pending_overflow',
    'upstream_rq_pending_failure_eject',
    'upstream_rq_timeout',
    'upstream_rq_per_try_timeout',
    'upstream_rq_retry',
    'upstream_rq_retry_success',
    'upstream_rq_retry_overflow',
    'upstream_rq_retry_limit_exceeded',
    'upstream_rq_rx_reset',
    'upstream_rq_tx_reset',
  ].map((name) => [name, 0]),
);
