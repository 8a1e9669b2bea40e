import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { CommandError } from '../../cli/command.ts';
import { table } from '../../terminal/table.ts';
import { originOf } from './admin.ts';
import { routeMatch } from './filter-chains.ts';

/** Domains shown before the rest is only counted. */
const SHOWN_DOMAINS = 2;
const PADDING = 5;

/**
 * The route configurations of the dump's part, those named for a port first; `name` narrows to one.
 * @throws CommandError when there is none
 */
export function routesOf(part: JsonObject, name: string): readonly JsonObject[] {
  const all = [...listAt(part, 'dynamic_route_configs'), ...listAt(part, 'static_route_configs')];
  if (all.length === 0) throw new CommandError('no routes found');
  return all
    .map((entry) => objectAt(entry, 'route_config'))
    .filter((config) => name === '' || textAt(config, 'name') === name)
    .toSorted((one, other) => rank(one) - rank(other));
}

/** Names that are ports by number, others behind them in the order of the dump. */
function rank(config: JsonObject): number {
  const name = textAt(config, 'name');
  return /^\d+$/.test(name) ? Number(name) : Number.MAX_SAFE_INTEGER;
}

/** How a table of routes looks. */
export interface RouteTable {
  /** A line for each route; else one for each configuration. */
  readonly isVerbose: boolean;
  /** `route/…`, as `pc all` writes it. */
  readonly isTyped?: boolean;
}

/** The table of `proxy-config routes`. */
export function routeTable(
  configs: readonly JsonObject[],
  { isVerbose, isTyped = false }: RouteTable,
): string {
  const named = configs.map((config) => ({
    name: `${isTyped ? 'route/' : ''}${textAt(config, 'name')}`,
    hosts: listAt(config, 'virtual_hosts'),
  }));
  const head = isVerbose
    ? ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE']
    : ['NAME', 'VIRTUAL HOSTS'];
  const rows = named.flatMap(({ name, hosts }) =>
    isVerbose ? hosts.flatMap((host) => hostRows(name, host)) : [[name, String(hosts.length)]],
  );
  return table([head, ...rows], PADDING);
}

function hostRows(name: string, host: Json): readonly (readonly string[])[] {
  const domains = listAt(host, 'domains').map((domain) => textAt(domain));
  const routes = listAt(host, 'routes');
  const start = [name, textAt(host, 'name'), shownDomains(domains)];
  if (routes.length === 0) return [[...start, '/*', '404']];
  return routes
    .filter((route) => textAt(route, 'route', 'cluster') !== 'PassthroughCluster')
    .map((route) => [...start, routeMatch(objectAt(route, 'match')), originOf(route)]);
}

function shownDomains(domains: readonly string[]): string {
  if (domains.length <= 1) return domains[0] ?? '';
  const shown = shortest(domains.filter(isWithoutPort));
  const more = shown.length - SHOWN_DOMAINS;
  return `${shown.slice(0, SHOWN_DOMAINS).join(', ')}${more > 0 ? ` + ${more} more...` : ''}`;
}

function isWithoutPort(domain: string): boolean {
  const colons = domain.split(':').length - 1;
  return colons === 0 || (colons > 2 && domain.endsWith(']'));
}

/** Without names that stand in the list in a shorter form too. */
function shortest(domains: readonly string[]): readonly string[] {
  return domains.filter(
    (domain) =>
      !['.svc.cluster.local', '.svc'].some(
        (suffix) => domain.endsWith(suffix) && domains.includes(domain.slice(0, -suffix.length)),
      ),
  );
}
