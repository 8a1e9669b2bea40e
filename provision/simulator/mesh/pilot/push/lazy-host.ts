import type { Route, VirtualHost } from '../../xds/route.ts';

/** A virtual host whose routes are made when somebody looks. */
export function lazyHost(
  name: string,
  domains: readonly string[],
  make: () => readonly Route[],
): VirtualHost {
  let routes: readonly Route[] | undefined;
  return {
    name,
    domains,
    get routes() {
      routes ??= make();
      return routes;
    },
  };
}
