import type { HttpResponse } from '../../../net/http.ts';
import type { RetryPolicy } from '../../xds/route.ts';

/** How one try ended without an answer from the application: no connection, one that broke off, no answer in time. */
export type Failure = 'refused' | 'reset' | 'timeout';

/** Envoy waits a random part of this before the first new try, twice as long at most before the next, up to ten times as long. */
const BACK_OFF_BASE_MS = 25;
const BACK_OFF_LIMIT_FACTOR = 10;

/**
 * Whether a try that got no answer may be followed by another
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter, x-envoy-retry-on).
 */
export function retriesFailure({ conditions }: RetryPolicy, failure: Failure): boolean {
  if (['reset', '5xx', 'gateway-error'].some((word) => conditions.has(word))) return true;
  if (failure !== 'refused') return false;
  // Without a connection the request has not been sent.
  return conditions.has('connect-failure') || conditions.has('reset-before-request');
}

/** Whether an answer may be followed by another try. */
export function retriesAnswer(
  { conditions, headers = [] }: RetryPolicy,
  response: Pick<HttpResponse, 'status' | 'headers'>,
): boolean {
  const { status } = response;
  // Who is asked to slow down is not asked again, unless that is wanted.
  if (response.headers.has('x-envoy-ratelimited')) return conditions.has('envoy-ratelimited');
  return (
    (status >= 500 && conditions.has('5xx')) ||
    (status >= 502 && status <= 504 && conditions.has('gateway-error')) ||
    (status === 409 && conditions.has('retriable-4xx')) ||
    conditions.has(String(status)) ||
    headers.some((name) => response.headers.has(name)) ||
    retriesGrpc(conditions, response.headers.get('grpc-status'))
  );
}

/** Statuses of gRPC by the words that name them (x-envoy-retry-grpc-on); they count where they stand among the headers. */
const GRPC_WORDS: Readonly<Record<string, string>> = {
  1: 'cancelled',
  4: 'deadline-exceeded',
  8: 'resource-exhausted',
  13: 'internal',
  14: 'unavailable',
};

function retriesGrpc(conditions: ReadonlySet<string>, status: string | undefined): boolean {
  const word = status === undefined ? undefined : GRPC_WORDS[status];
  return word !== undefined && conditions.has(word);
}

/** How long to wait before the try after `tried` others. */
export function backOffMs(
  tried: number,
  { backOffMs: baseMs = BACK_OFF_BASE_MS }: RetryPolicy,
  random: () => number,
): number {
  return random() * Math.min(BACK_OFF_LIMIT_FACTOR * baseMs, baseMs * (2 ** tried - 1));
}
