import type { JsonObject } from '../../../kinds/object.ts';
import type { Cluster } from '../../xds/cluster.ts';
import type { Endpoint } from '../../xds/endpoint.ts';
import { thresholds } from './config-dump/clusters.ts';
import { present, socketAddress } from './config-dump/json.ts';

/** A cluster with its endpoints as they are now. */
export interface ClusterStatus {
  readonly cluster: Cluster;
  readonly hosts: readonly {
    readonly endpoint: Endpoint;
    /** Whether outlier detection keeps it out. */
    readonly isEjected: boolean;
  }[];
}

const HOST_STATISTICS = [
  'cx_connect_fail',
  'cx_total',
  'rq_error',
  'rq_success',
  'rq_timeout',
  'rq_total',
  'cx_active',
  'rq_active',
] as const;

/** Envoy's page /clusters?format=json (admin.v3.Clusters). */
export function clustersJson(statuses: readonly ClusterStatus[]): JsonObject {
  return {
    cluster_statuses: statuses.map(({ cluster, hosts }) => ({
      name: cluster.name,
      added_via_api: true,
      host_statuses: hosts.map(({ endpoint, isEjected }) => ({
        address: socketAddress(endpoint.ip, endpoint.port),
        stats: HOST_STATISTICS.map((name) => ({ name })),
        health_status: present({
          failed_outlier_check: isEjected ? true : undefined,
          eds_health_status: endpoint.health ?? 'HEALTHY',
        }),
        weight: endpoint.weight ?? 1,
        locality: { ...localityJson(endpoint) },
      })),
      circuit_breakers: {
        thresholds: limits(cluster).map(([priority, fields]) => ({ priority, ...fields })),
      },
      observability_name: `${cluster.name};`,
    })),
  };
}

/** The same page as text: a line for each fact. */
export function clustersText(statuses: readonly ClusterStatus[]): string {
  return statuses.flatMap(({ cluster, hosts }) => textOf(cluster, hosts)).join('');
}

function textOf(cluster: Cluster, hosts: ClusterStatus['hosts']): readonly string[] {
  const { name } = cluster;
  const general = limits(cluster).flatMap(([priority, fields]) =>
    Object.entries(fields).map(
      ([limit, value]) => `${name}::${priority.toLowerCase()}_priority::${limit}::${value}\n`,
    ),
  );
  const each = hosts.flatMap(({ endpoint, isEjected }) => {
    const start = `${name}::${endpoint.ip}:${endpoint.port}::`;
    const { region = '', zone = '', subZone = '' } = endpoint.locality ?? {};
    const facts: readonly (readonly [string, string | number])[] = [
      ...[...HOST_STATISTICS].toSorted().map((one) => [one, 0] as const),
      ['hostname', ''],
      ['health_flags', isEjected ? '/failed_outlier_check' : 'healthy'],
      ['weight', endpoint.weight ?? 1],
      ['region', region],
      ['zone', zone],
      ['sub_zone', subZone],
      ['canary', 'false'],
      ['priority', 0],
      ['success_rate', '-1'],
      ['local_origin_success_rate', '-1'],
    ];
    return facts.map(([key, value]) => `${start}${key}::${value}\n`);
  });
  return [
    `${name}::observability_name::${name};\n`,
    ...general,
    `${name}::added_via_api::true\n`,
    ...each,
  ];
}

function limits({ policy }: Cluster) {
  const usual = {
    max_connections: 1_024,
    max_pending_requests: 1_024,
    max_requests: 1_024,
    max_retries: 3,
  };
  return [['DEFAULT', thresholds(policy.connectionPool)] as const, ['HIGH', usual] as const];
}

function localityJson({ locality }: Endpoint): JsonObject {
  if (!locality) return {};
  const { region, zone, subZone } = locality;
  return present({
    region: region || undefined,
    zone: zone || undefined,
    sub_zone: subZone || undefined,
  });
}
