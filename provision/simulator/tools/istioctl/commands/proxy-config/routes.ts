import { listAt, objectAt } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';
import { textAt } from '../../../install/tree.ts';
import { originOf } from './admin.ts';
import { routeMatch } from './listeners.ts';

/** Domains shown before the rest is only counted. */
const SHOWN_DOMAINS = 2;

/** The route configurations of the dump's part; `name` narrows to one. */
export function routesOf(part: JsonObject, name: string): readonly JsonObject[] {
  return [...listAt(part, 'static_route_configs'), ...listAt(part, 'dynamic_route_configs')]
    .map((entry) => objectAt(entry, 'route_config'))
    .filter((config) => name === '' || textAt(config, 'name') === name);
}

export function routeRows(configs: readonly JsonObject[]): readonly (readonly string[])[] {
  const rows = configs
    .toSorted((one, other) => (textAt(one, 'name') < textAt(other, 'name') ? -1 : 1))
    .flatMap((config) =>
      listAt(config, 'virtual_hosts').flatMap((host) => hostRows(textAt(config, 'name'), host)),
    );
  return [['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'], ...rows];
}

function hostRows(name: string, host: Json): readonly (readonly string[])[] {
  const domains = listAt(host, 'domains').map((domain) => textAt(domain));
  const routes = listAt(host, 'routes');
  const vhost = textAt(host, 'name');
  const shown = shownDomains(domains);
  if (routes.length === 0) return [[name, vhost, shown, '/*', '404']];
  return routes.map((route) => [
    name,
    vhost,
    shown,
    routeMatch(objectAt(route, 'match')),
    originOf(route),
  ]);
}

function shownDomains(domains: readonly string[]): string {
  if (domains.length <= SHOWN_DOMAINS) return domains.join(', ');
  const more = domains.length - SHOWN_DOMAINS;
  return `${domains.slice(0, SHOWN_DOMAINS).join(', ')} + ${more} more...`;
}
