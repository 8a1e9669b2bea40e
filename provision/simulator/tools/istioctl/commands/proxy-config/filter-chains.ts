import { at, isObject, listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';

/** The filter chains of a listener, the default one last. */
export function chainsOf(listener: Json): readonly Json[] {
  const fallback = at(listener, 'default_filter_chain');
  const chains = listAt(listener, 'filter_chains');
  return fallback === undefined ? chains : [...chains, fallback];
}

/** Lists of protocols that istioctl has a name for. */
const APPLICATIONS: Readonly<Record<string, string>> = {
  'http/1.0,http/1.1,h2c,istio-http/1.0,istio-http/1.1,istio-h2': 'App: HTTP TLS',
  'istio,istio-http/1.0,istio-http/1.1,istio-h2': 'App: Istio HTTP Plain',
  'istio-peer-exchange,istio': 'App: TCP TLS',
  'http/1.0,http/1.1,h2c': 'App: HTTP',
};

/** Which connections a chain is for: `Trans: tls; App: TCP TLS; Addr: 10.0.0.1/32`, `ALL`. */
export function matchOf(match: JsonObject): string {
  const transport = textAt(match, 'transport_protocol');
  const names = listAt(match, 'server_names').map((name) => textAt(name));
  const applications = listAt(match, 'application_protocols')
    .map((name) => textAt(name))
    .join(',');
  const ranges = listAt(match, 'prefix_ranges').map(
    (range) => `${textAt(range, 'address_prefix')}/${textAt(range, 'prefix_len') || '0'}`,
  );
  const port = textAt(match, 'destination_port');
  const parts = [
    names.length > 0 ? `SNI: ${names.join(',')}` : '',
    transport === '' ? '' : `Trans: ${transport}`,
    applications === '' ? '' : (APPLICATIONS[applications] ?? `App: ${applications}`),
    ranges.length > 0 || port !== '' ? `Addr: ${ranges.join(',') || '*'}${port && `:${port}`}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

/** Where a chain's connections go: `Route: 9080`, `Cluster: outbound|…`, `PassthroughCluster`. */
export function destinationOf(filters: readonly Json[]): string {
  for (const filter of filters) {
    const config = objectAt(filter, 'typed_config');
    const type = textAt(config, '@type');
    if (type.endsWith('.HttpConnectionManager')) return httpDestination(config);
    const cluster = textAt(config, 'cluster');
    if (type.endsWith('.TcpProxy') && cluster !== 'BlackHoleCluster') return named(cluster);
  }
  return 'Non-HTTP/Non-TCP';
}

function named(cluster: string): string {
  return cluster.includes('Cluster') ? cluster : `Cluster: ${cluster}`;
}

function httpDestination(config: JsonObject): string {
  const route = at(config, 'route_config');
  if (isObject(route)) return inlineRoute(route);
  const name = textAt(config, 'rds', 'route_config_name');
  return name === '' ? 'HTTP' : `Route: ${name}`;
}

function inlineRoute(route: JsonObject): string {
  const all = catchAll(route);
  if (all !== undefined) return named(all);
  const hosts = listAt(route, 'virtual_hosts').map((host) => {
    const domains = listAt(host, 'domains').map((domain) => textAt(domain));
    const routes = listAt(host, 'routes').map((one) => routeMatch(objectAt(one, 'match')));
    const shown = domains.join('/') === '*' ? '' : `${domains.join('/')} `;
    return `${shown}${routes.join(', ')}`;
  });
  return `Inline Route: ${hosts.join('; ')}`;
}

/** The cluster of a route that takes everything of everybody. */
function catchAll(route: JsonObject): string | undefined {
  const [host, ...others] = listAt(route, 'virtual_hosts');
  const [only, ...more] = listAt(host, 'routes');
  const isAll =
    others.length === 0 &&
    more.length === 0 &&
    listAt(host, 'domains').every((domain) => domain === '*') &&
    textAt(only, 'match', 'prefix') === '/';
  const cluster = textAt(only, 'route', 'cluster');
  return isAll && cluster !== '' ? cluster : undefined;
}

/** `/productpage`, `/*`, `PathPrefix:/a`, `regex …`. */
export function routeMatch(match: JsonObject): string {
  const prefix = textAt(match, 'prefix');
  const segments = textAt(match, 'path_separated_prefix');
  const exact = textAt(match, 'path');
  const regex = at(match, 'safe_regex');
  return [
    prefix === '' ? '' : `${prefix}*`,
    segments === '' ? '' : `PathPrefix:${segments}`,
    exact,
    regex === undefined ? '' : `regex ${textAt(regex, 'regex')}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
