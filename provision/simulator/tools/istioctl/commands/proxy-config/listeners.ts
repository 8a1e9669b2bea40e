import { at, isObject, listAt, numberAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';

/** What `pc listener` may be narrowed to; empty means any. */
export interface ListenerFilter {
  readonly address: string;
  readonly port: string;
}

/** The listeners of the dump's part. */
export function listenersOf(part: JsonObject, filter: ListenerFilter): readonly JsonObject[] {
  const all = [
    ...listAt(part, 'static_listeners').map((entry) => objectAt(entry, 'listener')),
    ...listAt(part, 'dynamic_listeners').map((entry) =>
      objectAt(entry, 'active_state', 'listener'),
    ),
  ];
  return all.filter((listener) => {
    const { address, port } = addressOf(listener);
    return (
      (filter.address === '' || address === filter.address) &&
      (filter.port === '' || String(port) === filter.port)
    );
  });
}

export function listenerRows(listeners: readonly JsonObject[]): readonly (readonly string[])[] {
  const rows = listeners
    .map((listener) => ({ listener, ...addressOf(listener) }))
    .toSorted((one, other) => one.port - other.port || (one.address < other.address ? -1 : 1))
    .flatMap(({ listener, address, port }) =>
      chainsOf(listener).map((chain) => [
        address,
        String(port),
        matchOf(objectAt(chain, 'filter_chain_match')),
        destinationOf(listAt(chain, 'filters')),
      ]),
    );
  return [['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'], ...rows];
}

function addressOf(listener: Json): { readonly address: string; readonly port: number } {
  const socket = objectAt(listener, 'address', 'socket_address');
  return { address: textAt(socket, 'address'), port: numberAt(socket, 'port_value') ?? 0 };
}

function chainsOf(listener: Json): readonly Json[] {
  const fallback = at(listener, 'default_filter_chain');
  const chains = listAt(listener, 'filter_chains');
  return fallback === undefined ? chains : [...chains, fallback];
}

function matchOf(match: JsonObject): string {
  const transport = textAt(match, 'transport_protocol');
  const names = listAt(match, 'server_names').map((name) => textAt(name));
  const applications = listAt(match, 'application_protocols').map((name) => textAt(name));
  const ranges = listAt(match, 'prefix_ranges').map(
    (range) => `${textAt(range, 'address_prefix')}/${textAt(range, 'prefix_len') || '0'}`,
  );
  const port = textAt(match, 'destination_port');
  const parts = [
    names.length > 0 ? `SNI: ${names.join(',')}` : '',
    transport === '' ? '' : `Trans: ${transport}`,
    applications.length > 0 ? `App: ${applications.join(',')}` : '',
    ranges.length > 0 || port !== '' ? `Addr: ${ranges.join(',') || '*'}${port && `:${port}`}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

function destinationOf(filters: readonly Json[]): string {
  for (const filter of filters) {
    const config = objectAt(filter, 'typed_config');
    const type = textAt(config, '@type');
    if (type.endsWith('.HttpConnectionManager')) return httpDestination(config);
    if (type.endsWith('.TcpProxy')) return tcpDestination(config);
  }
  return 'Non-HTTP/Non-TCP';
}

function httpDestination(config: JsonObject): string {
  const name = textAt(config, 'rds', 'route_config_name');
  if (name !== '') return `Route: ${name}`;
  const routes = listAt(config, 'route_config', 'virtual_hosts').flatMap((host) =>
    listAt(host, 'routes').filter(isObject),
  );
  return `Inline Route: ${routes.map((route) => routeMatch(objectAt(route, 'match'))).join(', ')}`;
}

function tcpDestination(config: JsonObject): string {
  const cluster = textAt(config, 'cluster');
  if (cluster !== '') return cluster.includes('|') ? `Cluster: ${cluster}` : cluster;
  const weighted = listAt(config, 'weighted_clusters', 'clusters').map(
    (entry) => `${textAt(entry, 'name')}[${textAt(entry, 'weight')}]`,
  );
  return `Cluster: ${weighted.join(', ')}`;
}

/** `/productpage`, `/*`, `PathPrefix:/a`, `regex …`. */
export function routeMatch(match: JsonObject): string {
  const exact = textAt(match, 'path');
  if (exact !== '') return exact;
  const segments = textAt(match, 'path_separated_prefix');
  if (segments !== '') return `PathPrefix:${segments}`;
  const regex = textAt(match, 'safe_regex', 'regex');
  if (regex !== '') return `regex ${regex}`;
  return `${textAt(match, 'prefix')}*`;
}
