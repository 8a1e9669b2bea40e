import type {
  CorsPolicy,
  HeaderOperations,
  HttpMatch,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
  RouteDestination,
  StringMatch,
  TcpRoute,
} from '../../istio/virtual-service.ts';
import { MATCHED_PREFIX } from '../push/virtual-service-routes.ts';
import { backendOf, type RouteContext } from './backends.ts';
import { joined, type Problem } from './conditions.ts';
import type {
  BackendReference,
  GrpcRouteMatch,
  GrpcRouteRule,
  HeaderFilter,
  HttpRouteMatch,
  HttpRouteRule,
  PathModifier,
  RouteFilter,
} from './kinds.ts';

/** A rule in Istio's own words, and what is wrong with it. */
export interface TranslatedRule<Rule> {
  readonly rules: readonly Rule[];
  readonly problem: Problem | undefined;
}

/** A rule of an HTTPRoute: one of Istio's for each match, so that all can be put in their order. */
export function translateHttpRule(
  rule: HttpRouteRule,
  name: string,
  context: RouteContext,
): TranslatedRule<HttpRoute> {
  const { rule: whole, problem } = commonRule(rule, name, context);
  const timed = { ...whole, ...timeoutsOf(rule) };
  const matches = (rule.matches?.length ? rule.matches : [{}]).map(httpMatch);
  return { rules: matches.map((match) => ({ ...timed, match: [match] })), problem };
}

/** A rule of a GRPCRoute: services and methods are paths. */
export function translateGrpcRule(
  rule: GrpcRouteRule,
  name: string,
  context: RouteContext,
): TranslatedRule<HttpRoute> {
  const { rule: whole, problem } = commonRule(rule, name, context);
  if (!rule.matches?.length) return { rules: [whole], problem };
  const matches = rule.matches.map(grpcMatch);
  return { rules: matches.map((match) => ({ ...whole, match: [match] })), problem };
}

/** Where a TCPRoute or TLSRoute leads; with no backend that has a weight, nowhere. */
export function translateBackends(
  references: readonly BackendReference[],
  context: RouteContext,
): { readonly route: NonNullable<TcpRoute['route']>; readonly problem: Problem | undefined } {
  const { route, problem } = destinationsOf(references, context);
  if (route.length > 0) return { route, problem };
  const nowhere = {
    host: 'internal.cluster.local',
    subset: 'zero-weight',
    port: { number: 65_535 },
  };
  return { route: [{ destination: nowhere }], problem };
}

function commonRule(
  { name: own, filters = [], backendRefs = [] }: Omit<GrpcRouteRule, 'matches'>,
  name: string,
  context: RouteContext,
): { readonly rule: HttpRoute; readonly problem: Problem | undefined } {
  const filtered = filtersOf(filters, context);
  const base: HttpRoute = { name: own ?? name, ...filtered.rule };
  const { route, problem } = destinationsOf(backendRefs, context);
  if (base.redirect) return { rule: base, problem: filtered.problem };
  if (route.length === 0) {
    return { rule: { ...base, directResponse: { status: 500 } }, problem: filtered.problem };
  }
  return { rule: { ...base, route }, problem: joined([problem, filtered.problem]) };
}

function destinationsOf(
  references: readonly BackendReference[],
  context: RouteContext,
): { readonly route: readonly RouteDestination[]; readonly problem: Problem | undefined } {
  let problem: Problem | undefined;
  const route = references
    .filter(({ weight = 1 }) => weight > 0)
    .map((reference): RouteDestination => {
      const backend = backendOf(reference, context);
      problem = backend.problem ?? problem;
      const { headers } = filtersOf(reference.filters ?? [], context).rule;
      return {
        destination: backend.destination,
        weight: reference.weight ?? 1,
        ...(headers && { headers }),
      };
    });
  return { route, problem };
}

function filtersOf(
  filters: readonly RouteFilter[],
  context: RouteContext,
): { readonly rule: HttpRoute; readonly problem: Problem | undefined } {
  let rule: HttpRoute = {};
  let problem: Problem | undefined;
  for (const filter of filters) {
    const made = filterOf(filter, context);
    problem = joined([problem, made.problem]);
    const { headers, mirrors, ...others } = made.rule;
    rule = {
      ...rule,
      ...others,
      ...(headers && { headers: { ...rule.headers, ...headers } }),
      ...(mirrors && { mirrors: [...(rule.mirrors ?? []), ...mirrors] }),
    };
  }
  return { rule, problem };
}

function filterOf(
  filter: RouteFilter,
  context: RouteContext,
): { readonly rule: HttpRoute; readonly problem?: Problem | undefined } {
  switch (filter.type) {
    case 'RequestHeaderModifier':
      return { rule: { headers: { request: operationsOf(filter.requestHeaderModifier) } } };
    case 'ResponseHeaderModifier':
      return { rule: { headers: { response: operationsOf(filter.responseHeaderModifier) } } };
    case 'RequestRedirect':
      return { rule: { redirect: redirectOf(filter.requestRedirect) } };
    case 'URLRewrite':
      return { rule: { rewrite: rewriteOf(filter.urlRewrite) } };
    case 'RequestMirror':
      return mirrorOf(filter.requestMirror, context);
    case 'CORS':
      return { rule: { corsPolicy: corsOf(filter.cors) } };
    default:
      return {
        rule: {},
        problem: {
          reason: 'InvalidFilter',
          message: `unsupported filter type ${JSON.stringify(filter.type)}`,
        },
      };
  }
}

function operationsOf({ set = [], add = [], remove = [] }: HeaderFilter = {}): HeaderOperations {
  const named = (list: typeof set) =>
    // Of several entries for one header the first counts.
    Object.fromEntries(list.toReversed().map(({ name, value }) => [name.toLowerCase(), value]));
  return { set: named(set), add: named(add), remove };
}

function redirectOf({
  scheme,
  hostname,
  path,
  port,
  statusCode = 302,
}: NonNullable<RouteFilter['requestRedirect']> = {}): HttpRedirect {
  const uri = path && pathIn(path, MATCHED_PREFIX);
  return {
    redirectCode: statusCode,
    ...(hostname !== undefined && { authority: hostname }),
    ...(scheme !== undefined && { scheme }),
    ...(port === undefined
      ? { derivePort: scheme === undefined ? 'FROM_REQUEST_PORT' : 'FROM_PROTOCOL_DEFAULT' }
      : { port }),
    ...(uri !== undefined && { uri }),
  };
}

function pathIn(
  { type, replaceFullPath = '', replacePrefixMatch = '' }: PathModifier,
  prefix: string,
): string {
  return type === 'ReplaceFullPath' ? replaceFullPath : `${prefix}${replacePrefixMatch}`;
}

function rewriteOf({ hostname, path }: NonNullable<RouteFilter['urlRewrite']> = {}): HttpRewrite {
  const host = hostname === undefined ? {} : { authority: hostname };
  if (!path) return host;
  if (path.type === 'ReplaceFullPath') {
    return { ...host, uriRegexRewrite: { match: '/.*', rewrite: path.replaceFullPath ?? '' } };
  }
  return { ...host, uri: (path.replacePrefixMatch ?? '').replace(/\/$/, '') || '/' };
}

function mirrorOf(mirror: RouteFilter['requestMirror'], context: RouteContext) {
  if (!mirror) return { rule: {} };
  const { destination, problem } = backendOf(mirror.backendRef, context);
  if (problem) return { rule: {}, problem };
  const { fraction, percent } = mirror;
  const value = fraction ? (100 * fraction.numerator) / (fraction.denominator ?? 100) : percent;
  return {
    rule: { mirrors: [{ destination, ...(value !== undefined && { percentage: { value } }) }] },
  };
}

function corsOf({
  allowOrigins = [],
  allowCredentials,
  maxAge,
  ...lists
}: NonNullable<RouteFilter['cors']> = {}): CorsPolicy {
  return {
    ...lists,
    allowOrigins: allowOrigins.map((exact) => ({ exact })),
    ...(allowCredentials !== undefined && { allowCredentials }),
    ...(maxAge !== undefined && maxAge > 0 && { maxAge: `${maxAge}s` }),
  };
}

function timeoutsOf({ timeouts, retry }: HttpRouteRule): HttpRoute {
  const request = unlessZero(timeouts?.request);
  const perTry = unlessZero(timeouts?.backendRequest);
  // Without a retry one try is all there is, and the shorter limit goes for the whole.
  const timeout = retry ? request : (perTry ?? request);
  if (!retry) return timeout === undefined ? {} : { timeout };
  const { attempts = 2, codes = [], backoff } = retry;
  const conditions = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', ...codes];
  return {
    ...(timeout !== undefined && { timeout }),
    retries: {
      attempts,
      ...(attempts > 0 && { retryOn: conditions.join(',') }),
      ...(perTry !== undefined && { perTryTimeout: perTry }),
      ...(backoff !== undefined && { backoff }),
    },
  };
}

/** No time at all means no limit. */
function unlessZero(duration: string | undefined): string | undefined {
  return /[1-9]/.test(duration ?? '') ? duration : undefined;
}

function httpMatch({
  path = {},
  headers = [],
  queryParams = [],
  method,
}: HttpRouteMatch): HttpMatch {
  const { type = 'PathPrefix', value = '/' } = path;
  const uri: StringMatch =
    type === 'Exact'
      ? { exact: value }
      : type === 'RegularExpression'
        ? { regex: value }
        : { prefix: value === '/' ? value : value.replace(/\/$/, '') };
  return {
    uri,
    ...(headers.length > 0 && { headers: valuesOf(headers) }),
    ...(queryParams.length > 0 && { queryParams: valuesOf(queryParams) }),
    ...(method !== undefined && { method: { exact: method } }),
  };
}

function valuesOf(
  list: NonNullable<HttpRouteMatch['headers']>,
): Readonly<Record<string, StringMatch>> {
  return Object.fromEntries(
    list.map(({ name, value, type }) => [
      name,
      type === 'RegularExpression' ? { regex: value } : { exact: value },
    ]),
  );
}

function grpcMatch({ method, headers = [] }: GrpcRouteMatch): HttpMatch {
  const uri = method && grpcPath(method);
  return {
    ...(uri && { uri }),
    ...(headers.length > 0 && { headers: valuesOf(headers) }),
  };
}

/** gRPC's paths are `/<service>/<method>`. */
function grpcPath({
  type = 'Exact',
  service,
  method,
}: NonNullable<GrpcRouteMatch['method']>): StringMatch {
  if (service === undefined) return { regex: `/[^/]+/${method ?? ''}` };
  if (type === 'RegularExpression') return { regex: `/${service}/${method ?? '.+'}` };
  return method === undefined ? { prefix: `/${service}/` } : { exact: `/${service}/${method}` };
}
