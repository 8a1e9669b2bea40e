import type { HttpFilterConfig } from '../../../xds/listener.ts';
import type { FilterContext, HttpFilter, MakeFilter } from '../filter.ts';
import { makeJwtFilter } from './jwt.ts';
import { makeRbacFilter } from './rbac.ts';

/** How each kind of filter is made; a new one is a file here and a line. */
const MAKERS: { readonly [T in HttpFilterConfig['type']]?: MakeFilter<T> } = {
  jwt: makeJwtFilter,
  rbac: makeRbacFilter,
};

/** The filters of a listener, in the order in which requests pass them. */
export function makeFilters(
  configs: readonly HttpFilterConfig[],
  context: FilterContext,
): readonly HttpFilter[] {
  return configs.flatMap((config) => makeFilter(config, context) ?? []);
}

function makeFilter<T extends HttpFilterConfig['type']>(
  config: Extract<HttpFilterConfig, { readonly type: T }>,
  context: FilterContext,
): HttpFilter | undefined {
  const make: MakeFilter<T> | undefined = MAKERS[config.type];
  return make?.(config, context);
}
