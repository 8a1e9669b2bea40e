import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError } from '../../cli/command.ts';
import { table } from '../../terminal/table.ts';
import { byText } from '../../text-order.ts';
import { originOf } from './admin.ts';

/** A cluster's name taken apart: `outbound|9080|v1|reviews.default.svc.cluster.local`. */
interface ClusterName {
  readonly direction: string;
  /** 0: none. */
  readonly port: number;
  readonly subset: string;
  readonly fqdn: string;
}

const PADDING = 5;

/** Names that do not follow the pattern are all host. */
export function clusterName(name: string): ClusterName {
  const parts = name.split(/\||_\._/);
  const [direction = '', port = '', subset = '', fqdn = ''] = parts;
  if (parts.length < 4) return { direction: '', port: 0, subset: '', fqdn: name };
  return {
    direction: direction.replace(/^outbound_$/, 'outbound'),
    port: Number(port),
    subset,
    fqdn,
  };
}

/** What `pc cluster` may be narrowed to; empty, or 0, means any. */
export type ClusterFilter = ClusterName;

/**
 * The clusters of the dump's part, by host, subset, port and direction.
 * @throws CommandError when there is none
 */
export function clustersOf(part: JsonObject, filter: ClusterFilter): readonly JsonObject[] {
  const all = [...listAt(part, 'dynamic_active_clusters'), ...listAt(part, 'static_clusters')];
  if (all.length === 0) throw new CommandError('no clusters found');
  return all
    .map((entry) => objectAt(entry, 'cluster'))
    .filter((cluster) => isWanted(textAt(cluster, 'name'), filter))
    .map((cluster) => ({ cluster, name: clusterName(textAt(cluster, 'name')) }))
    .toSorted((one, other) => byName(one.name, other.name))
    .map(({ cluster }) => cluster);
}

/** The order in which istioctl shows clusters. */
export function byName(one: ClusterName, other: ClusterName): number {
  return (
    byText(one.fqdn, other.fqdn) ||
    byText(one.subset, other.subset) ||
    one.port - other.port ||
    byText(one.direction, other.direction)
  );
}

/** The table; `isTyped` puts `cluster/…` first, as `pc all` does. */
export function clusterTable(clusters: readonly JsonObject[], isTyped = false): string {
  const head = ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'];
  const rows = clusters.map((cluster) => {
    const name = textAt(cluster, 'name');
    const { fqdn, port, subset, direction } = clusterName(name);
    const isParsed = direction !== '';
    const places = isParsed ? [String(port), subset || '-', direction] : ['-', '-', '-'];
    const shown = isTyped && !isParsed ? `cluster/${name}` : fqdn;
    const row = [shown, ...places, typeOf(cluster), originOf(cluster)];
    return isTyped ? [`cluster/${name}`, ...row] : row;
  });
  return table([isTyped ? ['NAME', ...head] : head, ...rows], PADDING);
}

/** istioctl looks for each part anywhere in the name. */
function isWanted(name: string, { fqdn, direction, subset, port }: ClusterFilter): boolean {
  const isPort = port === 0 || name.includes(`|${port}|`);
  return isPort && [fqdn, direction, subset].every((part) => name.includes(part));
}

function typeOf(cluster: Json): string {
  // Envoy leaves the first value of an enum out.
  return textAt(cluster, 'type') || 'STATIC';
}
