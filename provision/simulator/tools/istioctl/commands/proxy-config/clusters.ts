import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { originOf } from './admin.ts';

/** A cluster's name taken apart: `outbound|9080|v1|reviews.default.svc.cluster.local`. */
interface ClusterName {
  readonly direction: string;
  readonly port: string;
  readonly subset: string;
  readonly fqdn: string;
}

/** Names that do not follow the pattern are all host. */
function clusterName(name: string): ClusterName {
  const [direction = '', port = '', subset = '', fqdn = ''] = name.split('|');
  if (!['inbound', 'outbound'].includes(direction)) {
    return { direction: '', port: '', subset: '', fqdn: name };
  }
  return { direction, port, subset, fqdn };
}

/** What `pc cluster` may be narrowed to; empty means any. */
export type ClusterFilter = ClusterName;

/** The clusters of the dump's part, the static ones first. */
export function clustersOf(part: JsonObject, filter: ClusterFilter): readonly JsonObject[] {
  const all = [...listAt(part, 'static_clusters'), ...listAt(part, 'dynamic_active_clusters')];
  return all
    .map((entry) => objectAt(entry, 'cluster'))
    .filter((cluster) => isWanted(clusterName(textAt(cluster, 'name')), filter));
}

export function clusterRows(clusters: readonly JsonObject[]): readonly (readonly string[])[] {
  const rows = clusters
    .map((cluster) => ({ cluster, name: clusterName(textAt(cluster, 'name')) }))
    .toSorted((one, other) => (sortKey(one.name) < sortKey(other.name) ? -1 : 1))
    .map(({ cluster, name }) => [
      name.fqdn,
      name.port || '-',
      name.subset || '-',
      name.direction || '-',
      typeOf(cluster),
      originOf(cluster),
    ]);
  return [['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'], ...rows];
}

function isWanted(name: ClusterName, filter: ClusterFilter): boolean {
  return (
    (filter.direction === '' || name.direction === filter.direction) &&
    (filter.port === '' || name.port === filter.port) &&
    (filter.subset === '' || name.subset === filter.subset) &&
    name.fqdn.includes(filter.fqdn)
  );
}

function sortKey({ fqdn, subset, port, direction }: ClusterName): string {
  return [fqdn, subset, port.padStart(5, '0'), direction].join('\u0000');
}

function typeOf(cluster: Json): string {
  // Envoy leaves the first value of an enum out.
  return textAt(cluster, 'cluster_type', 'name') || textAt(cluster, 'type') || 'STATIC';
}
