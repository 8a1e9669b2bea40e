import type { Json, JsonObject } from '../../../../kinds/object.ts';
import type { CorsPolicy, HeaderOperations, StringMatch } from '../../../istio/virtual-service.ts';
import type {
  Fault,
  HeaderMatch,
  PathMatch,
  PathRewrite,
  RedirectAction,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
} from '../../../xds/route.ts';
import { duration, istioMetadata, origin, present, typed } from './json.ts';

/** A route configuration in Envoy's own form (config.route.v3.RouteConfiguration). */
export function routeConfigurationJson({ name, virtualHosts }: RouteConfiguration): JsonObject {
  return typed('envoy.config.route.v3.RouteConfiguration', {
    name,
    virtual_hosts: virtualHosts.map(virtualHostJson),
    validate_clusters: false,
    max_direct_response_body_size_bytes: 1_048_576,
    ignore_port_in_host_matching: true,
  });
}

function virtualHostJson({
  name,
  domains,
  routes,
  requiresTls,
  filterConfig,
}: VirtualHost): JsonObject {
  return present({
    name,
    domains: [...domains],
    routes: routes.length === 0 ? undefined : routes.map(routeJson),
    require_tls: requiresTls ? 'ALL' : undefined,
    typed_per_filter_config: filterConfig && perFilter(filterConfig),
    include_request_attempt_count: true,
  });
}

function routeJson(route: Route): JsonObject {
  const { name, match, action, headers, fault, cors, operation, filterConfig } = route;
  const perRoute = {
    ...(filterConfig && perFilter(filterConfig)),
    ...(fault && { 'envoy.filters.http.fault': faultJson(fault) }),
    ...(cors && { 'envoy.filters.http.cors': corsJson(cors) }),
  };
  return present({
    match: present({
      ...pathJson(match.path),
      case_sensitive: !('ignoresCase' in match.path && match.path.ignoresCase),
      headers: match.headers.length === 0 ? undefined : match.headers.map(headerMatchJson),
      query_parameters:
        match.query.length === 0
          ? undefined
          : match.query.map(({ name: key, value }) => ({ name: key, ...valueJson(value) })),
    }),
    ...actionJson(action),
    metadata: route.origin && istioMetadata({ config: originPath(route.origin) }),
    decorator: { operation },
    typed_per_filter_config: Object.keys(perRoute).length === 0 ? undefined : perRoute,
    ...headerOperations('request', headers?.request),
    ...headerOperations('response', headers?.response),
    name: name === '' ? undefined : name,
  });
}

function originPath({ namespace, name }: NonNullable<Route['origin']>): string {
  return origin('networking.istio.io/v1', 'virtual-service', namespace, name);
}

function perFilter(configs: Readonly<Record<string, object>>): JsonObject {
  return Object.fromEntries(
    Object.entries(configs).map(([name, config]) => [name, JSON.parse(JSON.stringify(config))]),
  );
}

function pathJson(path: PathMatch): JsonObject {
  switch (path.type) {
    case 'exact':
      return { path: path.value };
    case 'prefix':
      return { prefix: path.value };
    case 'segments':
      return { path_separated_prefix: path.value.replace(/\/$/, '') };
    case 'regex':
      return { safe_regex: { regex: path.value } };
    default:
      return path;
  }
}

function headerMatchJson({ name, value, isInverted }: HeaderMatch): JsonObject {
  return present({
    name,
    ...valueJson(value),
    invert_match: isInverted,
    treat_missing_header_as_empty: isInverted,
  });
}

function valueJson(value: StringMatch): JsonObject {
  const text = value.exact ?? value.prefix ?? value.regex ?? '';
  if (text === '' || value.regex === '*') return { present_match: true };
  if (value.regex !== undefined) return { string_match: { safe_regex: { regex: value.regex } } };
  return { string_match: present({ exact: value.exact, prefix: value.prefix }) };
}

function actionJson(action: Route['action']): JsonObject {
  switch (action.type) {
    case 'route':
      return { route: routeActionJson(action) };
    case 'redirect':
      return { redirect: redirectJson(action) };
    case 'direct':
      return {
        direct_response: present({
          status: action.status,
          body: action.body && { inline_string: Buffer.from(action.body).toString() },
        }),
      };
    default:
      return action;
  }
}

function routeActionJson(action: RouteAction): JsonObject {
  const { clusters, timeoutMs = 0, rewrite, hostRewrite, mirrors } = action;
  const [only] = clusters;
  return present({
    ...(clusters.length === 1 && only && !only.headers
      ? { cluster: only.cluster }
      : {
          weighted_clusters: {
            clusters: clusters.map(({ cluster, weight, headers }) => ({
              name: cluster,
              weight,
              ...headerOperations('request', headers?.request),
              ...headerOperations('response', headers?.response),
            })),
            total_weight: clusters.reduce((sum, { weight }) => sum + weight, 0),
          },
        }),
    timeout: duration(timeoutMs),
    retry_policy: retryJson(action.retries),
    ...(rewrite && rewriteJson(rewrite)),
    host_rewrite_literal: hostRewrite,
    request_mirror_policies:
      mirrors.length === 0
        ? undefined
        : mirrors.map(({ cluster, percent }) => ({
            cluster,
            runtime_fraction: { default_value: fraction(percent) },
            trace_sampled: false,
          })),
    max_grpc_timeout: duration(timeoutMs),
    cluster_not_found_response_code:
      action.missingClusterStatus === 500 ? 'INTERNAL_SERVER_ERROR' : undefined,
  });
}

function retryJson({
  attempts,
  conditions,
  perTryTimeoutMs,
}: RouteAction['retries']): Json | undefined {
  if (attempts === 0) return undefined;
  const codes = [...conditions].filter((one) => /^\d+$/.test(one));
  const words = [...conditions].filter((one) => !/^\d+$/.test(one));
  return present({
    retry_on: words.join(','),
    num_retries: attempts,
    per_try_timeout: perTryTimeoutMs === undefined ? undefined : duration(perTryTimeoutMs),
    retry_host_predicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
    host_selection_retry_max_attempts: '5',
    retriable_status_codes: codes.length === 0 ? undefined : codes.map(Number),
  });
}

function rewriteJson(rewrite: PathRewrite): JsonObject {
  if (rewrite.type === 'prefix') return { prefix_rewrite: rewrite.value };
  return {
    regex_rewrite: { pattern: { regex: rewrite.pattern }, substitution: rewrite.substitution },
  };
}

/** Envoy's names of the statuses of redirects. */
const REDIRECTS: Readonly<Record<number, string>> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

function redirectJson(action: RedirectAction): JsonObject {
  return present({
    host_redirect: action.authority,
    path_redirect: action.uri,
    prefix_rewrite: action.prefixRewrite,
    scheme_redirect: action.scheme,
    port_redirect: action.port,
    response_code: REDIRECTS[action.redirectCode ?? 301],
  });
}

function headerOperations(
  side: 'request' | 'response',
  operations: HeaderOperations | undefined,
): JsonObject {
  if (!operations) return {};
  const headers = [
    ...Object.entries(operations.set ?? {}).map(([key, value]) => ({
      header: { key, value },
      append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
    })),
    ...Object.entries(operations.add ?? {}).map(([key, value]) => ({ header: { key, value } })),
  ];
  return present({
    [`${side}_headers_to_add`]: headers.length === 0 ? undefined : headers,
    [`${side}_headers_to_remove`]: operations.remove?.length ? [...operations.remove] : undefined,
  });
}

function faultJson({ delay, abort }: Fault): JsonObject {
  return typed(
    'envoy.extensions.filters.http.fault.v3.HTTPFault',
    present({
      delay: delay && { fixed_delay: duration(delay.fixedMs), percentage: fraction(delay.percent) },
      abort:
        abort &&
        present({
          http_status: abort.httpStatus,
          grpc_status: abort.grpcStatus,
          percentage: fraction(abort.percent),
        }),
    }),
  );
}

function corsJson(policy: CorsPolicy): JsonObject {
  return typed(
    'envoy.extensions.filters.http.cors.v3.CorsPolicy',
    present({
      allow_origin_string_match: (policy.allowOrigins ?? []).map(({ exact, prefix, regex }) =>
        present({ exact, prefix, safe_regex: regex === undefined ? undefined : { regex } }),
      ),
      allow_methods: policy.allowMethods?.join(','),
      allow_headers: policy.allowHeaders?.join(','),
      expose_headers: policy.exposeHeaders?.join(','),
      max_age: policy.maxAge,
      allow_credentials: policy.allowCredentials,
    }),
  );
}

/** Percentages in Envoy are so many of a million. */
function fraction(percent: number): JsonObject {
  return { numerator: Math.round(percent * 10_000), denominator: 'MILLION' };
}
