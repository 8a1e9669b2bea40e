import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';

/** What `pc endpoint` may be narrowed to; empty means any. */
export interface EndpointFilter {
  readonly address: string;
  readonly port: string;
  readonly cluster: string;
  readonly status: string;
}

interface Endpoint {
  readonly address: string;
  readonly port: string;
  readonly status: string;
  readonly outlier: string;
  readonly cluster: string;
}

/** Rows from the admin page /clusters?format=json. */
export function endpointRows(
  page: JsonObject,
  filter: EndpointFilter,
): readonly (readonly string[])[] {
  const rows = listAt(page, 'cluster_statuses')
    .flatMap((cluster) =>
      listAt(cluster, 'host_statuses').map((host) => endpoint(textAt(cluster, 'name'), host)),
    )
    .filter((found) => isWanted(found, filter))
    .map(({ address, port, status, outlier, cluster }) => [
      port === '' ? address : `${address}:${port}`,
      status,
      outlier,
      cluster,
    ])
    .toSorted((one, other) => (one.join() < other.join() ? -1 : 1));
  return [['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'], ...rows];
}

function endpoint(cluster: string, host: Json): Endpoint {
  const socket = objectAt(host, 'address', 'socket_address');
  const pipe = textAt(host, 'address', 'pipe', 'path');
  const health = objectAt(host, 'health_status');
  return {
    address: pipe === '' ? textAt(socket, 'address') : `unix://${pipe}`,
    port: textAt(socket, 'port_value'),
    status: textAt(health, 'eds_health_status') || 'UNKNOWN',
    outlier: health['failed_outlier_check'] === true ? 'FAILED' : 'OK',
    cluster,
  };
}

function isWanted(found: Endpoint, filter: EndpointFilter): boolean {
  return (
    (filter.address === '' || found.address === filter.address) &&
    (filter.port === '' || found.port === filter.port) &&
    (filter.cluster === '' || found.cluster === filter.cluster) &&
    (filter.status === '' || found.status.toLowerCase() === filter.status.toLowerCase())
  );
}
