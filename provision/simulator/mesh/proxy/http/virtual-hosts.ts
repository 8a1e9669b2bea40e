import type { RouteConfiguration, VirtualHost } from '../../xds/route.ts';

/** The virtual hosts of a route configuration by domain. */
interface DomainTable {
  readonly exact: ReadonlyMap<string, VirtualHost>;
  /** `.example.com` for `*.example.com`, longest first. */
  readonly suffixes: readonly (readonly [string, VirtualHost])[];
  readonly any: VirtualHost | undefined;
}

const tables = new WeakMap<RouteConfiguration, DomainTable>();

/**
 * The virtual host for a Host header, whatever port it names: the very name, else the longest wildcard, else `*`
 * (https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto, VirtualHost.domains).
 */
export function virtualHostFor(
  configuration: RouteConfiguration,
  authority: string,
): VirtualHost | undefined {
  let table = tables.get(configuration);
  if (!table) {
    table = tableOf(configuration);
    tables.set(configuration, table);
  }
  const host = hostOf(authority);
  return (
    table.exact.get(host) ??
    table.suffixes.find(([suffix]) => host.length > suffix.length && host.endsWith(suffix))?.[1] ??
    table.any
  );
}

/** A Host header without its port, in lower case. */
export function hostOf(authority: string): string {
  const colon = authority.lastIndexOf(':');
  const host = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority;
  return host.toLowerCase();
}

function tableOf({ virtualHosts }: RouteConfiguration): DomainTable {
  const exact = new Map<string, VirtualHost>();
  const suffixes = new Map<string, VirtualHost>();
  let any: VirtualHost | undefined;
  for (const host of virtualHosts) {
    for (const domain of host.domains) {
      if (domain === '*') any ??= host;
      else if (domain.startsWith('*')) setFirst(suffixes, domain.slice(1), host);
      else setFirst(exact, domain, host);
    }
  }
  return {
    exact,
    suffixes: [...suffixes].toSorted(([one], [other]) => other.length - one.length),
    any,
  };
}

function setFirst(table: Map<string, VirtualHost>, domain: string, host: VirtualHost): void {
  if (!table.has(domain)) table.set(domain, host);
}
