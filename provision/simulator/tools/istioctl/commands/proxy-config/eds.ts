import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { table } from '../../terminal/table.ts';
import { byName, clusterName } from './clusters.ts';
import type { EndpointFilter } from './endpoints.ts';
import { isLike } from './filter.ts';

const PADDING = 5;

/** The load assignments of a dump with endpoints, without the endpoints outside the filter. */
export function assignmentsOf(part: JsonObject, filter: EndpointFilter): readonly JsonObject[] {
  return [...listAt(part, 'dynamic_endpoint_configs'), ...listAt(part, 'static_endpoint_configs')]
    .map((entry) => narrowed(objectAt(entry, 'endpoint_config'), filter))
    .filter((one) =>
      listAt(one, 'endpoints').some((group) => listAt(group, 'lb_endpoints').length > 0),
    )
    .toSorted((one, other) =>
      byName(clusterName(textAt(one, 'cluster_name')), clusterName(textAt(other, 'cluster_name'))),
    );
}

/** The table of load assignments; `isTyped` writes `endpoint/…`, as `pc all` does. */
export function assignmentTable(assignments: readonly JsonObject[], isTyped = false): string {
  const rows = assignments.flatMap((assignment) =>
    listAt(assignment, 'endpoints').flatMap((group) =>
      listAt(group, 'lb_endpoints').map((endpoint) => [
        `${isTyped ? 'endpoint/' : ''}${addressOf(endpoint)}`,
        statusOf(endpoint),
        localityOf(group),
        textAt(assignment, 'cluster_name'),
      ]),
    ),
  );
  return table([['NAME', 'STATUS', 'LOCALITY', 'CLUSTER'], ...rows], PADDING);
}

function narrowed(assignment: JsonObject, filter: EndpointFilter): JsonObject {
  const cluster = textAt(assignment, 'cluster_name');
  const endpoints = listAt(assignment, 'endpoints').map((group) => ({
    ...objectAt(group),
    lb_endpoints: listAt(group, 'lb_endpoints').filter((one) => isWanted(one, cluster, filter)),
  }));
  return { ...assignment, endpoints };
}

function isWanted(endpoint: Json, cluster: string, filter: EndpointFilter): boolean {
  const socket = objectAt(endpoint, 'endpoint', 'address', 'socket_address');
  return (
    isLike(filter.address, addressOf(endpoint)) &&
    (filter.port === 0 || Number(textAt(socket, 'port_value')) === filter.port) &&
    isLike(filter.cluster, cluster) &&
    isLike(filter.status, statusOf(endpoint))
  );
}

function addressOf(endpoint: Json): string {
  const address = objectAt(endpoint, 'endpoint', 'address');
  const socket = objectAt(address, 'socket_address');
  if (textAt(socket, 'address') !== '') {
    return `${textAt(socket, 'address')}:${textAt(socket, 'port_value') || '0'}`;
  }
  return textAt(address, 'pipe', 'path') || 'unknown';
}

function statusOf(endpoint: Json): string {
  return textAt(endpoint, 'health_status') || 'UNKNOWN';
}

function localityOf(group: Json): string {
  const parts = ['region', 'zone', 'sub_zone'].map((part) => textAt(group, 'locality', part));
  const last = parts.findLastIndex((part) => part !== '');
  return parts.slice(0, last + 1).join('/');
}
