import { isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { table } from '../../terminal/table.ts';
import { byText } from '../../text-order.ts';
import { isLike } from './filter.ts';

/** What `pc endpoint` may be narrowed to; empty, or 0, means any. */
export interface EndpointFilter {
  readonly address: string;
  readonly port: number;
  readonly cluster: string;
  readonly status: string;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly status: string;
  readonly outlier: string;
  readonly cluster: string;
}

const PADDING = 5;

/** The table from the admin page /clusters?format=json. */
export function endpointTable(page: JsonObject, filter: EndpointFilter): string {
  const rows = listAt(page, 'cluster_statuses')
    .flatMap((cluster) => endpointsOf(cluster, filter))
    .toSorted(
      (one, other) =>
        byText(one.address, other.address) ||
        one.port - other.port ||
        byText(one.cluster, other.cluster),
    )
    .map(({ address, port, status, outlier, cluster }) => [
      port === 0 ? address : `${address}:${port}`,
      status,
      outlier,
      cluster,
    ]);
  return table([['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'], ...rows], PADDING);
}

/** The clusters that have an endpoint in the filter, with all of their endpoints. */
export function endpointClusters(page: JsonObject, filter: EndpointFilter): readonly JsonObject[] {
  return listAt(page, 'cluster_statuses')
    .filter(isObject)
    .filter((cluster) => endpointsOf(cluster, filter).length > 0);
}

function endpointsOf(cluster: Json, filter: EndpointFilter): readonly Endpoint[] {
  return listAt(cluster, 'host_statuses')
    .map((host) => endpoint(textAt(cluster, 'name'), host))
    .filter((found) => isWanted(found, filter));
}

function endpoint(cluster: string, host: Json): Endpoint {
  const socket = objectAt(host, 'address', 'socket_address');
  const health = objectAt(host, 'health_status');
  return {
    address: addressOf(objectAt(host, 'address')),
    port: Number(textAt(socket, 'port_value')),
    status: textAt(health, 'eds_health_status') || 'UNKNOWN',
    outlier: health['failed_outlier_check'] === true ? 'FAILED' : 'OK',
    cluster,
  };
}

function addressOf(address: JsonObject): string {
  const pipe = textAt(address, 'pipe', 'path');
  if (pipe !== '') return `unix://${pipe}`;
  const internal = objectAt(address, 'envoy_internal_address');
  const listener = textAt(internal, 'server_listener_name');
  if (listener !== '') return `envoy://${listener}/${textAt(internal, 'endpoint_id')}`;
  return textAt(address, 'socket_address', 'address') || 'unknown';
}

function isWanted(found: Endpoint, filter: EndpointFilter): boolean {
  return (
    isLike(filter.address, found.address) &&
    (filter.port === 0 || found.port === filter.port) &&
    isLike(filter.cluster, found.cluster) &&
    isLike(filter.status, found.status)
  );
}
