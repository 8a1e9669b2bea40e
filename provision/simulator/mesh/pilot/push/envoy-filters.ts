/** The patches of EnvoyFilters that are understood: local rate limits (https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/). */
import { at, isObject, objectAt, stringAt } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import type { ConfigPatch, EnvoyFilter } from '../../istio/envoy-filter.ts';
import type { LocalRateLimitConfig } from '../../xds/listener.ts';
import type { FilterConfigs, Route, RouteConfiguration, VirtualHost } from '../../xds/route.ts';
import type { ProxyNode } from '../node.ts';
import type { MeshSnapshot } from '../snapshot.ts';

export type PatchContext = 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY';

const LOCAL_RATE_LIMIT = 'envoy.filters.http.local_ratelimit';

/** Where a patch may apply. */
export interface PatchPlace {
  readonly context: PatchContext;
  /** Of the listener, or of the service that routes are for. */
  readonly port: number;
}

/** Filters that patches put before all others, and right before the router. */
export interface InsertedFilters {
  readonly first: readonly LocalRateLimitConfig[];
  readonly last: readonly LocalRateLimitConfig[];
}

/** For each proxy of a mesh once. */
const known = new WeakMap<MeshSnapshot, WeakMap<ProxyNode, readonly ConfigPatch[]>>();

/** Patches of the root namespace first, then of the proxy's own; of one namespace by priority, then age. */
function patchesFor(mesh: MeshSnapshot, node: ProxyNode): readonly ConfigPatch[] {
  if (mesh.envoyFilters.length === 0) return [];
  let ofMesh = known.get(mesh);
  if (!ofMesh) known.set(mesh, (ofMesh = new WeakMap()));
  let patches = ofMesh.get(node);
  if (!patches) {
    const namespaces = [...new Set([mesh.config.rootNamespace, node.namespace])];
    patches = namespaces.flatMap((namespace) =>
      mesh.envoyFilters
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter((one) => isFor(one, node))
        .toSorted((one, other) => (one.spec?.priority ?? 0) - (other.spec?.priority ?? 0))
        .flatMap(({ spec }) => spec?.configPatches ?? []),
    );
    ofMesh.set(node, patches);
  }
  return patches;
}

function isFor({ spec, metadata }: EnvoyFilter, node: ProxyNode): boolean {
  const refs = spec?.targetRefs ?? [];
  if (refs.length > 0) {
    const gateway = node.labels['gateway.networking.k8s.io/gateway-name'];
    const isNamed = refs.some(({ kind, name }) => kind === 'Gateway' && name === gateway);
    return metadata.namespace === node.namespace && isNamed;
  }
  return matchesLabels(spec?.workloadSelector?.labels, node.labels);
}

/** Local rate limits that HTTP_FILTER patches insert into a connection manager. */
export function insertedFilters(
  mesh: MeshSnapshot,
  node: ProxyNode,
  place: PatchPlace,
): InsertedFilters {
  const found = patchesFor(mesh, node).filter(
    ({ applyTo, patch, match }) =>
      applyTo === 'HTTP_FILTER' &&
      stringAt(patch?.value, 'name') === LOCAL_RATE_LIMIT &&
      isPlace(match, place) &&
      isPort(at(match?.listener, 'portNumber'), place.port),
  );
  const configs = found.map((one) => {
    const subFilter = stringAt(one.match?.listener, 'filterChain', 'filter', 'subFilter', 'name');
    const operation = one.patch?.operation;
    const isFirst =
      operation === 'INSERT_FIRST' || (operation === 'INSERT_BEFORE' && subFilter === '');
    const settings = objectAt(one.patch?.value, 'typed_config');
    return { isFirst, config: { type: 'local-rate-limit' as const, settings } };
  });
  return {
    first: configs.filter(({ isFirst }) => isFirst).map(({ config }) => config),
    last: configs.filter(({ isFirst }) => !isFirst).map(({ config }) => config),
  };
}

/** Routes with the filters' settings that HTTP_ROUTE and VIRTUAL_HOST patches merge into them. */
export function patchedRoutes(
  routes: RouteConfiguration,
  { mesh, node }: { readonly mesh: MeshSnapshot; readonly node: ProxyNode },
  place: PatchPlace,
): RouteConfiguration {
  const patches = patchesFor(mesh, node).filter(
    ({ applyTo, patch, match }) =>
      (applyTo === 'HTTP_ROUTE' || applyTo === 'VIRTUAL_HOST') &&
      patch?.operation === 'MERGE' &&
      isPlace(match, place) &&
      isPort(at(match?.routeConfiguration, 'portNumber'), place.port) &&
      isUnsetOr(match?.routeConfiguration, routes.name, 'name'),
  );
  if (patches.length === 0) return routes;
  return { ...routes, virtualHosts: routes.virtualHosts.map((host) => patchedHost(host, patches)) };
}

function patchedHost(host: VirtualHost, patches: readonly ConfigPatch[]): VirtualHost {
  const own = patches.filter(({ match }) =>
    isUnsetOr(match?.routeConfiguration, host.name, 'vhost', 'name'),
  );
  if (own.length === 0) return host;
  const ofHost = own.filter(({ applyTo }) => applyTo === 'VIRTUAL_HOST');
  const ofRoutes = own.filter(({ applyTo }) => applyTo === 'HTTP_ROUTE');
  return {
    ...host,
    ...merged(host.filterConfig, ofHost),
    routes: host.routes.map((route) => patchedRoute(route, ofRoutes)),
  };
}

function patchedRoute(route: Route, patches: readonly ConfigPatch[]): Route {
  const own = patches.filter(({ match }) => {
    const action = stringAt(match?.routeConfiguration, 'vhost', 'route', 'action');
    return (
      isUnsetOr(match?.routeConfiguration, route.name, 'vhost', 'route', 'name') &&
      (action === '' || action === 'ANY' || action === ACTIONS[route.action.type])
    );
  });
  return own.length === 0 ? route : { ...route, ...merged(route.filterConfig, own) };
}

const ACTIONS = { route: 'ROUTE', redirect: 'REDIRECT', direct: 'DIRECT_RESPONSE' } as const;

function merged(
  before: FilterConfigs | undefined,
  patches: readonly ConfigPatch[],
): { readonly filterConfig?: FilterConfigs } {
  const configs: Record<string, JsonObject> = {};
  for (const { patch } of patches) {
    for (const [name, value] of Object.entries(objectAt(patch?.value, 'typed_per_filter_config'))) {
      if (isObject(value)) configs[name] = value;
    }
  }
  if (Object.keys(configs).length === 0) return before ? { filterConfig: before } : {};
  return { filterConfig: { ...before, ...configs } };
}

function isPlace(match: ConfigPatch['match'], { context }: PatchPlace): boolean {
  const wanted = match?.context ?? 'ANY';
  return wanted === 'ANY' || wanted === context;
}

function isPort(wanted: unknown, port: number): boolean {
  return typeof wanted !== 'number' || wanted === 0 || wanted === port;
}

function isUnsetOr(match: object | undefined, value: string, ...path: readonly string[]): boolean {
  const wanted = stringAt(match, ...path);
  return wanted === '' || wanted === value;
}
