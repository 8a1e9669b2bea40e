import type { Route, VirtualHost } from '../../xds/route.ts';

/** A virtual host whose routes are made when somebody looks; what they are made from is let go then. */
export function lazyHost(
  name: string,
  domains: readonly string[],
  make: () => readonly Route[],
): VirtualHost {
  let routes: readonly Route[] | undefined;
  let maker: (() => readonly Route[]) | undefined = make;
  return {
    name,
    domains,
    get routes() {
      routes ??= maker?.() ?? [];
      maker = undefined;
      return routes;
    },
  };
}
