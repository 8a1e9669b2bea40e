import { ISTIO_VERSION } from '../../../versions.ts';
import type { ProxyConfiguration } from '../../pilot/push/proxy-configuration.ts';
import type { ClusterStatistics } from '../upstream/statistics.ts';

/** One of Envoy's statistics. */
export interface Statistic {
  readonly name: string;
  readonly value: number | string;
  readonly type: 'counter' | 'gauge' | 'text';
}

/** What statistics are made from. */
export interface StatisticsSource {
  readonly clusters: ReadonlyMap<string, ClusterStatistics>;
  /** The proxy's own counters. */
  readonly counters: Iterable<readonly [string, number]>;
  /** undefined before istiod has been heard from. */
  readonly configuration: ProxyConfiguration | undefined;
  readonly upSeconds: number;
}

/** Envoy's statistics by name (https://www.envoyproxy.io/docs/envoy/latest/operations/stats_overview). */
export function statisticsOf(source: StatisticsSource): readonly Statistic[] {
  const all: Statistic[] = [...ofServer(source), ...ofManagers(source)];
  for (const [name, value] of source.counters) all.push({ name, value, type: 'counter' });
  for (const [cluster, statistics] of source.clusters) {
    for (const [name, value] of Object.entries(statistics)) {
      all.push({ name: `cluster.${cluster};.${name}`, value, type: typeOf(name) });
    }
  }
  return all.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

const GAUGE = /(_active|_open|_healthy|_degraded|_excluded|membership_total|\.remaining_\w+)$/;

function typeOf(name: string): 'counter' | 'gauge' {
  return GAUGE.test(name) ? 'gauge' : 'counter';
}

function ofServer({ configuration, upSeconds }: StatisticsSource): readonly Statistic[] {
  return [
    ...gauges('server.', {
      concurrency: 2,
      live: configuration ? 1 : 0,
      parent_connections: 0,
      // 0 is LIVE, 2 PRE_INITIALIZING.
      state: configuration ? 0 : 2,
      stats_recent_lookups: 0,
      total_connections: 0,
      uptime: upSeconds,
      version: VERSION_NUMBER,
    }),
    ...counters('server.', { dropped_stat_flushes: 0, envoy_bug_failures: 0 }),
  ];
}

/** Envoy shows the first three bytes of its commit as a number; here it is the release. */
const VERSION_NUMBER = ISTIO_VERSION.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function ofManagers({ configuration }: StatisticsSource): readonly Statistic[] {
  const clusters = configuration?.clusters().length ?? 0;
  const listeners = configuration?.listeners.length ?? 0;
  const updates = configuration?.version ?? 0;
  return [
    ...gauges('cluster_manager.', { active_clusters: clusters, warming_clusters: 0 }),
    ...counters('cluster_manager.', {
      cluster_added: clusters,
      cluster_modified: 0,
      cluster_removed: 0,
      'cds.update_attempt': updates + 1,
      'cds.update_failure': 0,
      'cds.update_rejected': 0,
      'cds.update_success': updates,
    }),
    ...gauges('listener_manager.', {
      total_listeners_active: listeners,
      total_listeners_draining: 0,
      total_listeners_warming: 0,
      workers_started: 1,
    }),
    ...counters('listener_manager.', {
      listener_added: listeners,
      listener_create_failure: 0,
      listener_create_success: listeners * 2,
      listener_modified: 0,
      listener_removed: 0,
      listener_stopped: 0,
      'lds.update_attempt': updates + 1,
      'lds.update_failure': 0,
      'lds.update_rejected': 0,
      'lds.update_success': updates,
    }),
    ...gauges('cluster.xds-grpc.', {
      membership_healthy: 1,
      membership_total: 1,
      upstream_cx_active: configuration ? 1 : 0,
      upstream_rq_active: configuration ? 1 : 0,
    }),
    ...counters('cluster.xds-grpc.', {
      upstream_cx_connect_fail: 0,
      upstream_cx_http2_total: configuration ? 1 : 0,
      upstream_cx_total: configuration ? 1 : 0,
      upstream_rq_total: configuration ? 1 : 0,
    }),
    ...versions(configuration),
  ];
}

function versions(configuration: ProxyConfiguration | undefined): readonly Statistic[] {
  if (!configuration) return [];
  const value = String(configuration.version);
  return ['cluster_manager.cds.version_text', 'listener_manager.lds.version_text'].map((name) => ({
    name,
    value,
    type: 'text',
  }));
}

function gauges(prefix: string, values: Readonly<Record<string, number>>): readonly Statistic[] {
  return named(prefix, values, 'gauge');
}

function counters(prefix: string, values: Readonly<Record<string, number>>): readonly Statistic[] {
  return named(prefix, values, 'counter');
}

function named(
  prefix: string,
  values: Readonly<Record<string, number>>,
  type: 'counter' | 'gauge',
): readonly Statistic[] {
  return Object.entries(values).map(([name, value]) => ({ name: `${prefix}${name}`, value, type }));
}
