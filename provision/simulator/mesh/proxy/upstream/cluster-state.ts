import type { Cluster } from '../../xds/cluster.ts';
import { Balancer } from './balancer.ts';
import { ConnectionPool } from './connection-pool.ts';
import { OutlierDetector } from './outliers.ts';
import type { ClusterStatistics } from './statistics.ts';

/** Clusters that a proxy remembers something of; those that have been quiet longest are forgotten, as are those that are gone. */
const REMEMBERED_CLUSTERS = 1_000;

/** What a proxy remembers of a cluster from one request to the next, whatever its configuration becomes. */
export interface ClusterState {
  readonly balancer: Balancer;
  readonly pool: ConnectionPool;
  readonly outliers: OutlierDetector;
}

/** What a proxy remembers of its clusters. */
export class ClusterStates {
  readonly #states = new Map<string, ClusterState>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  known({ name }: Pick<Cluster, 'name'>): ClusterState | undefined {
    return this.#states.get(name);
  }

  of({ name }: Pick<Cluster, 'name'>): ClusterState {
    let state = this.#states.get(name);
    if (!state) {
      if (this.#states.size >= REMEMBERED_CLUSTERS) this.#forget();
      state = {
        balancer: new Balancer(this.#random),
        pool: new ConnectionPool(this.#random),
        outliers: new OutlierDetector(),
      };
      this.#states.set(name, state);
    }
    return state;
  }

  /** Counts of each cluster that has been used, by name. */
  statistics(): ReadonlyMap<string, ClusterStatistics> {
    return new Map(
      [...this.#states].map(([name, { pool, outliers }]) => [
        name,
        { ...pool.statistics, ...outliers.statistics },
      ]),
    );
  }

  resetStatistics(): void {
    for (const { pool, outliers } of this.#states.values()) {
      pool.resetStatistics();
      outliers.resetStatistics();
    }
  }

  #forget(): void {
    const quiet = this.#states.entries().find(([, { pool }]) => pool.isQuiet);
    if (quiet) this.#states.delete(quiet[0]);
  }
}
