import type { HttpFilterConfig } from '../../../xds/listener.ts';
import type { FilterContext, HttpFilter, MakeFilter } from '../filter.ts';
import { makeJwtFilter } from './jwt.ts';
import { makeLocalRateLimitFilter } from './local-rate-limit.ts';
import { makeRbacFilter } from './rbac.ts';

/** How each kind of filter is made; a new one is a file here and a line. */
const MAKERS: { readonly [T in HttpFilterConfig['type']]: MakeFilter<T> } = {
  jwt: makeJwtFilter,
  'local-rate-limit': makeLocalRateLimitFilter,
  rbac: makeRbacFilter,
};

/** The filters of a listener, in the order in which requests pass them. */
export function makeFilters(
  configs: readonly HttpFilterConfig[],
  context: FilterContext,
): readonly HttpFilter[] {
  return configs.map((config) => makeFilter(config, context));
}

function makeFilter<T extends HttpFilterConfig['type']>(
  config: Extract<HttpFilterConfig, { readonly type: T }>,
  context: FilterContext,
): HttpFilter {
  const make: MakeFilter<T> = MAKERS[config.type];
  return make(config, context);
}
