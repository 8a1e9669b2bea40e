import type { HttpHeaders } from '../../../net/http.ts';
import type { RetryPolicy } from '../../xds/route.ts';

/** How long and how often a request is tried. */
export interface Patience {
  /** undefined or 0: no limit. */
  readonly timeoutMs: number | undefined;
  readonly retries: RetryPolicy;
}

/**
 * What applications ask of their proxy in headers, over what the route says; the headers go no further, but
 * `x-envoy-expected-rq-timeout-ms` tells the upstream how long somebody waits
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter, HTTP headers).
 */
export function patienceOf(headers: HttpHeaders, route: Patience): Patience {
  const isAsked = READ.some((name) => headers.has(name));
  const retries = isAsked ? retriesOf(headers, route.retries) : route.retries;
  const timeoutMs = timeoutOf(headers, route.timeoutMs);
  const written = milliseconds(headers, 'x-envoy-upstream-rq-per-try-timeout-ms');
  if (isAsked) for (const name of READ) headers.delete(name);
  const asked = written ?? retries.perTryTimeoutMs;
  // A try never outlasts the whole.
  const perTryTimeoutMs = asked && timeoutMs && asked >= timeoutMs ? undefined : asked;
  const expectedMs = perTryTimeoutMs || timeoutMs;
  if (expectedMs) headers.set('x-envoy-expected-rq-timeout-ms', String(Math.round(expectedMs)));
  const isSame = retries === route.retries && perTryTimeoutMs === retries.perTryTimeoutMs;
  return { timeoutMs, retries: isSame ? retries : { ...retries, perTryTimeoutMs } };
}

const READ = [
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
];

/** gRPC's own deadline counts as far as the route's time-out lets it. */
function timeoutOf(headers: HttpHeaders, routeMs: number | undefined): number | undefined {
  const isGrpc = headers.get('content-type')?.startsWith('application/grpc') ?? false;
  const deadlineMs = isGrpc ? grpcTimeoutMs(headers.get('grpc-timeout')) : undefined;
  const wholeMs = deadlineMs && routeMs ? Math.min(deadlineMs, routeMs) : (deadlineMs ?? routeMs);
  return milliseconds(headers, 'x-envoy-upstream-rq-timeout-ms') ?? wholeMs;
}

function retriesOf(headers: HttpHeaders, route: RetryPolicy): RetryPolicy {
  const words = [
    ...listed(headers, 'x-envoy-retry-on'),
    ...listed(headers, 'x-envoy-retry-grpc-on'),
    ...listed(headers, 'x-envoy-retriable-status-codes').filter((code) => /^\d{3}$/.test(code)),
  ];
  const names = listed(headers, 'x-envoy-retriable-header-names');
  const most = milliseconds(headers, 'x-envoy-max-retries');
  if (words.length === 0 && names.length === 0 && most === undefined) return route;
  const conditions = new Set([...route.conditions, ...words]);
  if (conditions.size === 0) return route;
  return {
    ...route,
    conditions,
    headers: [...(route.headers ?? []), ...names],
    // Envoy tries once more where a request only says on what.
    attempts: Math.min(RETRY_LIMIT, most ?? Math.max(1, route.attempts)),
  };
}

/** More is no help to anybody; Envoy itself has no limit. */
const RETRY_LIMIT = 1_000;

function listed(headers: HttpHeaders, name: string): readonly string[] {
  const value = headers.get(name);
  if (value === undefined) return [];
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function milliseconds(headers: HttpHeaders, name: string): number | undefined {
  const value = headers.get(name);
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

const GRPC_UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** `100m`, `3S` (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Timeout). */
function grpcTimeoutMs(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (GRPC_UNITS_MS[unit] ?? 1);
}
