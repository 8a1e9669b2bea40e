import type { Labels } from '../../../kinds/object.ts';
import { matchesLabels } from '../../../kinds/selectors/labels.ts';
import { fullHost } from '../../hosts.ts';
import type { ConsistentHash } from '../../istio/destination-rule.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import { grpcCode } from '../../istio/grpc.ts';
import type {
  Destination,
  HttpFault,
  HttpMatch,
  HttpRedirect,
  HttpRoute,
  StringMatch,
  VirtualService,
} from '../../istio/virtual-service.ts';
import type {
  ClaimMatch,
  Fault,
  HeaderMatch,
  PathMatch,
  PathRewrite,
  RedirectAction,
  Route,
  RouteAction,
  RouteMatch,
} from '../../xds/route.ts';
import { isGatewayApi, matchesSegments } from '../route-semantics.ts';
import { destinationCluster } from './destinations.ts';
import { defaultRetries, retryPolicy } from './retries.ts';
import type { Scope } from './scope.ts';
import { applyRules } from './traffic-policy.ts';

/** What is known of the caller when the configuration is made. */
export interface RouteSource {
  readonly scope: Scope;
  readonly labels: Labels;
  readonly namespace: string;
  /** `mesh`, or the gateway's `namespace/name`. */
  readonly gateways: readonly string[];
  /** Port of the service or of the gateway's server. */
  readonly port: number;
  /** Host that the routes are for: how the operation is called in traces. */
  readonly host: string;
}

/**
 * The HTTP rules of a VirtualService that can hold for a caller, one route for each entry of `match`, in order, up to the first
 * that takes everything (https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute).
 */
export function virtualServiceRoutes(
  service: VirtualService,
  source: RouteSource,
): readonly Route[] {
  const { scope, gateways, port, host, namespace } = source;
  let before = known.get(service);
  if (before?.shapes !== scope.mesh.shapes) {
    before = { shapes: scope.mesh.shapes, routes: new Map() };
    known.set(service, before);
  }
  const labels = usesLabels(service) ? JSON.stringify(source.labels) : '';
  const key = `${scope.key} ${gateways.join(',')} ${port} ${host} ${namespace} ${labels}`;
  let routes = before.routes.get(key);
  if (!routes) {
    routes = newRoutes(service, source);
    before.routes.set(key, routes);
  }
  return routes;
}

/** What was made of a VirtualService; it counts until services or rules change, whatever becomes of other VirtualServices. */
const known = new WeakMap<
  VirtualService,
  { readonly shapes: object; readonly routes: Map<string, readonly Route[]> }
>();

function usesLabels({ spec }: VirtualService): boolean {
  return (spec?.http ?? []).some(({ match }) => match?.some(({ sourceLabels }) => sourceLabels));
}

function newRoutes(service: VirtualService, source: RouteSource): readonly Route[] {
  const routes: Route[] = [];
  for (const rule of service.spec?.http ?? []) {
    for (const match of rule.match?.length ? rule.match : [undefined]) {
      if (match && !isMeantFor(match, source)) continue;
      const route = routeOf(rule, match, { service, source });
      routes.push(route);
      if (isCatchAll(route)) return routes;
    }
  }
  return routes;
}

/** Whether some rule can hold for a caller at all. */
export function hasRoutesFor(service: VirtualService, source: RouteSource): boolean {
  return (service.spec?.http ?? []).some(
    ({ match }) => !match?.length || match.some((one) => isMeantFor(one, source)),
  );
}

/** Whether a route takes every request. */
export function isCatchAll({ match: { path, headers, query, claims } }: Route): boolean {
  return (
    path.type === 'prefix' &&
    path.value === '/' &&
    headers.length === 0 &&
    query.length === 0 &&
    !claims?.length
  );
}

interface Rule {
  readonly service: VirtualService;
  readonly source: RouteSource;
}

function routeOf(rule: HttpRoute, match: HttpMatch | undefined, context: Rule): Route {
  const { service, source } = context;
  const { name, namespace = 'default' } = service.metadata;
  const path = meant(pathOf(match), service);
  const action = actionOf(rule, context);
  const names = [rule.name ?? '', match?.name ?? ''].filter((part) => part !== '');
  return {
    name: names.join('.'),
    match: matchOf(match, path),
    action,
    ...(rule.headers && { headers: rule.headers }),
    ...(rule.fault && { fault: faultOf(rule.fault) }),
    ...(rule.corsPolicy && { cors: rule.corsPolicy }),
    origin: { namespace, name },
    operation: operationOf(action, path, { name, port: source.port }),
  };
}

/** The one cluster that a route leads to, and the path; where there are several or none, the rule stands for them. */
function operationOf(
  action: Route['action'],
  path: PathMatch,
  { name, port }: { readonly name: string; readonly port: number },
): string {
  const where =
    path.type === 'exact' ? path.value : path.type === 'prefix' ? `${path.value}*` : '/*';
  const [only, ...more] = action.type === 'route' ? action.clusters : [];
  const [, clusterPort, , host] = only && more.length === 0 ? only.cluster.split('|') : [];
  return host === undefined ? `${name}:${port}${where}` : `${host}:${clusterPort}${where}`;
}

function actionOf(rule: HttpRoute, { service, source }: Rule): Route['action'] {
  if (rule.directResponse) {
    const { string, bytes } = rule.directResponse.body ?? {};
    const body = bytes === undefined ? string : Buffer.from(bytes, 'base64').toString();
    return {
      type: 'direct',
      status: rule.directResponse.status,
      body: body === undefined ? undefined : Buffer.from(body),
    };
  }
  if (rule.redirect) return redirectOf(rule.redirect);
  return routeAction(rule, service, source);
}

/** What translations of the Gateway API write for the prefix that is replaced alone. */
export const MATCHED_PREFIX = '%PREFIX()%';

function redirectOf({ uri, ...redirect }: HttpRedirect): RedirectAction {
  if (uri?.startsWith(MATCHED_PREFIX)) {
    return { type: 'redirect', ...redirect, prefixRewrite: uri.slice(MATCHED_PREFIX.length) };
  }
  return { type: 'redirect', ...redirect, ...(uri !== undefined && { uri }) };
}

/** Ingress objects and the Gateway API mean whole segments where they say prefix. */
function meant(path: PathMatch, service: VirtualService): PathMatch {
  const isSegments = path.type === 'prefix' && path.value !== '/' && matchesSegments(service);
  return isSegments ? { type: 'segments', value: path.value } : path;
}

function routeAction(rule: HttpRoute, service: VirtualService, source: RouteSource): RouteAction {
  const { namespace = 'default' } = service.metadata;
  const destinations = rule.route ?? [];
  const clusters = destinations
    .filter(({ weight }) => destinations.length === 1 || (weight ?? 0) > 0)
    .map(({ destination, weight, headers }) => ({
      cluster: destinationCluster(destination, namespace, source),
      weight: destinations.length === 1 ? 100 : (weight ?? 0),
      ...(headers && { headers }),
    }));
  const [first] = destinations;
  const hash = first && hashOf(first.destination, namespace, source.scope);
  const rewrite = rewriteOf(rule);
  return {
    type: 'route',
    clusters,
    timeoutMs: parseDurationMs(rule.timeout),
    retries: rule.retries ? retryPolicy(rule.retries) : defaultRetries(source.scope.mesh.config),
    ...(rewrite && { rewrite }),
    ...(rule.rewrite?.authority !== undefined && { hostRewrite: rule.rewrite.authority }),
    mirrors: mirrorsOf(rule, namespace, source),
    ...(hash && { hash }),
    missingClusterStatus: isGatewayApi(service) ? 500 : 503,
  };
}

/** Routes carry the hash that the destination's rule asks for, as Envoy wants it. */
function hashOf(
  { host, port, subset = '' }: Destination,
  namespace: string,
  scope: Scope,
): ConsistentHash | undefined {
  const service = scope.service(fullHost(host, namespace));
  if (!service) return undefined;
  const number = port?.number ?? service.ports[0]?.number ?? 0;
  const applied = applyRules(scope.rulesFor(service.host, service.namespace), number, subset);
  return applied?.policy.loadBalancer?.consistentHash;
}

function rewriteOf({ rewrite }: HttpRoute): PathRewrite | undefined {
  if (rewrite?.uriRegexRewrite?.match !== undefined) {
    const { match, rewrite: substitution = '' } = rewrite.uriRegexRewrite;
    return { type: 'regex', pattern: match, substitution };
  }
  return rewrite?.uri === undefined ? undefined : { type: 'prefix', value: rewrite.uri };
}

function mirrorsOf(
  rule: HttpRoute,
  namespace: string,
  source: RouteSource,
): RouteAction['mirrors'] {
  const { mirror, mirrorPercentage, mirrorPercent, mirrors = [] } = rule;
  const single = mirror && {
    cluster: destinationCluster(mirror, namespace, source),
    percent: mirrorPercentage?.value ?? mirrorPercent ?? 100,
  };
  return [
    ...(single ? [single] : []),
    ...mirrors.map(({ destination, percentage }) => ({
      cluster: destinationCluster(destination, namespace, source),
      percent: percentage ? (percentage.value ?? 0) : 100,
    })),
  ].filter(({ percent }) => percent > 0);
}

function faultOf({ delay, abort }: HttpFault): Fault {
  return {
    ...(delay?.fixedDelay !== undefined && {
      delay: {
        fixedMs: parseDurationMs(delay.fixedDelay) ?? 0,
        percent: delay.percentage?.value ?? delay.percent ?? 0,
      },
    }),
    ...(abort && {
      abort: {
        ...(abort.httpStatus !== undefined && { httpStatus: abort.httpStatus }),
        ...(abort.grpcStatus !== undefined && { grpcStatus: grpcCode(abort.grpcStatus) }),
        percent: abort.percentage?.value ?? 0,
      },
    }),
  };
}

/** Whether the entry can hold for this caller at all. */
function isMeantFor(match: HttpMatch, source: RouteSource): boolean {
  const { sourceLabels, sourceNamespace, gateways, port } = match;
  return (
    matchesLabels(sourceLabels, source.labels) &&
    (sourceNamespace === undefined || sourceNamespace === source.namespace) &&
    (port === undefined || port === 0 || port === source.port) &&
    (!gateways?.length || gateways.some((gateway) => source.gateways.includes(gateway)))
  );
}

function pathOf(match: HttpMatch | undefined): PathMatch {
  const { uri, ignoreUriCase } = match ?? {};
  const folds = ignoreUriCase === true && { ignoresCase: true };
  if (uri?.exact !== undefined) return { type: 'exact', value: uri.exact, ...folds };
  if (uri?.prefix !== undefined) return { type: 'prefix', value: uri.prefix, ...folds };
  if (uri?.regex !== undefined) return { type: 'regex', value: uri.regex };
  return { type: 'prefix', value: '/' };
}

function matchOf(match: HttpMatch | undefined, path: PathMatch): RouteMatch {
  if (!match) return { path, headers: [], query: [] };
  const written = Object.entries(match.headers ?? {});
  const inverted = Object.entries(match.withoutHeaders ?? {});
  const pseudo = (['method', 'authority', 'scheme'] as const).flatMap((name): HeaderMatch[] => {
    const value = match[name];
    return value ? [{ name: `:${name}`, value }] : [];
  });
  const headers = [
    ...written.filter(([name]) => !isClaim(name)).map(([name, value]) => headerMatch(name, value)),
    ...inverted
      .filter(([name]) => !isClaim(name))
      .map(([name, value]) => ({ ...headerMatch(name, value), isInverted: true })),
    ...pseudo,
  ];
  const claims = [
    ...written.filter(([name]) => isClaim(name)).map(([name, value]) => claimMatch(name, value)),
    ...inverted
      .filter(([name]) => isClaim(name))
      .map(([name, value]) => ({ ...claimMatch(name, value), isInverted: true })),
  ];
  const query = Object.entries(match.queryParams ?? {}).map(([name, value]) => ({ name, value }));
  return { path, headers, query, ...(claims.length > 0 && { claims }) };
}

function headerMatch(name: string, value: StringMatch): HeaderMatch {
  return { name: name.toLowerCase(), value };
}

const CLAIM_PREFIX = /^@request\.auth\.claims/;

function isClaim(name: string): boolean {
  return CLAIM_PREFIX.test(name);
}

/** `@request.auth.claims.a.b` and `@request.auth.claims[a][b]`. */
function claimMatch(name: string, value: StringMatch): ClaimMatch {
  const rest = name.replace(CLAIM_PREFIX, '');
  const path = rest.startsWith('[')
    ? [...rest.matchAll(/\[([^\]]*)\]/g)].map(([, part]) => part ?? '')
    : rest.replace(/^\./, '').split('.');
  return { path, value };
}
