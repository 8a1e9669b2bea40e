/** What else a route of HTTP does with a request: faults, retries, redirects, rewrites, answers, CORS. */
import { objectAt, objectsAt, stringAt, stringsAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { parseDurationMs } from '../../istio/duration.ts';
import { GRPC_STATUSES } from '../../istio/grpc.ts';
import { durationProblem, portProblem } from './addresses.ts';
import { goNumber, isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { corsHeaderProblem } from './http-headers.ts';
import { regexMatchProblem } from './http-match.ts';
import { isKnownStatus } from './http-status.ts';
import { DIRECT_RESPONSE_LARGE_BYTES, DIRECT_RESPONSE_LIMIT_BYTES } from './limits.ts';
import { quote } from './names.ts';
import { regexProblem } from './regexes.ts';

const METHODS = new Set('GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE *'.split(' '));
/** Conditions of Envoy's retry policies (x-envoy-retry-on and x-envoy-retry-grpc-on). */
const RETRY_CONDITIONS = new Set([
  '5xx',
  'cancelled',
  'connect-failure',
  'deadline-exceeded',
  'envoy-ratelimited',
  'gateway-error',
  'http3-post-connect-failure',
  'internal',
  'refused-stream',
  'reset',
  'reset-before-request',
  'resource-exhausted',
  'retriable-4xx',
  'retriable-headers',
  'retriable-status-codes',
  'unavailable',
]);

/** A corsPolicy: origins, methods, and an age in whole seconds. */
export function checkCors(found: Findings, value: Json | undefined): void {
  if (!isSet(value)) return;
  const policy = objectAt(value);
  for (const origin of objectsAt(policy, 'allowOrigins')) {
    const { exact, prefix, regex } = origin;
    const text = stringAt(exact) || stringAt(prefix) || stringAt(regex);
    found.error(
      text === ''
        ? `'' is not a valid match type for CORS allow origins`
        : regexMatchProblem(origin, 'corsPolicy.allowOrigins'),
    );
  }
  for (const method of stringsAt(policy, 'allowMethods')) {
    found.errorIf(!METHODS.has(method), `${quote(method)} is not a supported HTTP method`);
  }
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    for (const name of stringsAt(policy[field])) found.error(corsHeaderProblem(name));
  }
  const { maxAge } = policy;
  found.error(durationProblem(maxAge));
  found.listedErrorIf(
    (parseDurationMs(stringAt(maxAge)) ?? 0) % 1_000 !== 0,
    'max_age duration is accurate only to seconds precision',
  );
}

/** A fault: a delay or an abort, each with a share of the requests. */
export function checkFault(found: Findings, value: Json | undefined): void {
  if (!isSet(value)) return;
  const { abort, delay } = objectAt(value);
  found.listedErrorIf(
    !isSet(abort) && !isSet(delay),
    'HTTP fault injection must have an abort and/or a delay',
  );
  if (isSet(abort)) checkAbort(found, objectAt(abort));
  if (!isSet(delay)) return;
  const { percentage, fixedDelay, exponentialDelay } = objectAt(delay);
  found.error(percentageProblem(percentage));
  found.error(durationProblem(fixedDelay));
  if (!isSet(exponentialDelay)) return;
  found.error(durationProblem(exponentialDelay));
  found.listedError('exponentialDelay not supported yet');
}

function checkAbort(found: Findings, abort: JsonObject): void {
  const { percentage, grpcStatus, http2Error, httpStatus } = abort;
  found.error(percentageProblem(percentage));
  if (isSet(grpcStatus)) {
    const status = stringAt(grpcStatus);
    found.errorIf(
      !GRPC_STATUSES.includes(status),
      `gRPC status ${quote(status)} is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'`,
    );
  }
  found.errorIf(isSet(http2Error), 'HTTP/2 abort fault injection not supported yet');
  if (isSet(httpStatus)) found.error(statusProblem(numberIn(httpStatus)));
}

function percentageProblem(percentage: Json | undefined): string | undefined {
  const share = numberIn(objectAt(percentage)['value']);
  return share < 0 || share > 100 || (share > 0 && share < 0.0001)
    ? `percentage ${goNumber(share)} is neither 0.0, nor in range [0.0001, 100.0]`
    : undefined;
}

/** istiod lets 600 through. */
function statusProblem(status: number): string | undefined {
  return status < 200 || status > 600 ? `HTTP status ${status} is not in range 200-599` : undefined;
}

/** An answer that the route itself gives, its status and the size of its body. */
export function checkDirectResponse(found: Findings, value: Json | undefined): void {
  if (!isSet(value)) return;
  const { body, status } = objectAt(value);
  const text = stringAt(body, 'string');
  const bytes =
    text === '' ? Buffer.byteLength(stringAt(body, 'bytes'), 'base64') : Buffer.byteLength(text);
  if (bytes > DIRECT_RESPONSE_LIMIT_BYTES) {
    found.error(
      'large direct_responses may impact control plane performance, must be less than 1MB',
    );
  } else if (bytes > DIRECT_RESPONSE_LARGE_BYTES) {
    found.warning('large direct_responses may impact control plane performance');
  }
  found.error(statusProblem(numberIn(status)));
}

/** Retries: how many, on what, and how long each may take. */
export function checkRetries(found: Findings, value: Json | undefined): void {
  if (!isSet(value)) return;
  const { attempts, perTryTimeout, retryOn, retryRemoteLocalities, backoff } = objectAt(value);
  const conditions = stringAt(retryOn);
  const isConfigured = isSet(perTryTimeout) || conditions !== '' || isSet(retryRemoteLocalities);
  found.listedErrorIf(numberIn(attempts) < 0, 'attempts cannot be negative');
  found.errorIf(
    numberIn(attempts) === 0 && isConfigured,
    'http retry policy configured when attempts are set to 0 (disabled)',
  );
  found.error(durationProblem(perTryTimeout));
  // Blanks around a condition belong to it.
  for (const condition of conditions === '' ? [] : conditions.split(',')) {
    found.errorIf(
      !RETRY_CONDITIONS.has(condition) && !isKnownStatus(condition),
      `${quote(condition)} is not a valid retryOn policy`,
    );
  }
  found.error(durationProblem(backoff));
}

/** What is wrong with a redirect. */
export function redirectProblem(value: Json | undefined): string | undefined {
  if (!isSet(value)) return undefined;
  const { uri, authority, port, derivePort, scheme, redirectCode } = objectAt(value);
  const isEmpty = [uri, authority, scheme].every((text) => stringAt(text) === '');
  if (isEmpty && !isSet(port) && !isSet(derivePort)) {
    return 'redirect must specify URI, authority, scheme, or port';
  }
  const code = numberIn(redirectCode);
  if (code !== 0 && (code < 300 || code > 399)) {
    return `${code} is not a valid redirect code, must be 3xx`;
  }
  if (!['', 'http', 'https'].includes(stringAt(scheme))) {
    return 'invalid redirect scheme, must be "http" or "https"';
  }
  return numberIn(port) > 0 ? portProblem(numberIn(port)) : undefined;
}

/** What is wrong with a rewrite. */
export function rewriteProblem(value: Json | undefined): string | undefined {
  if (!isSet(value)) return undefined;
  const { uriRegexRewrite } = objectAt(value);
  const uri = stringAt(value, 'uri');
  if (uri !== '' && isSet(uriRegexRewrite)) {
    return 'rewrite may only contain one of URI or UriRegexRewrite';
  }
  if (uri === '' && !isSet(uriRegexRewrite) && stringAt(value, 'authority') === '') {
    return 'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified';
  }
  if (!isSet(uriRegexRewrite)) return undefined;
  const match = stringAt(uriRegexRewrite, 'match');
  const problem =
    match === '' || stringAt(uriRegexRewrite, 'rewrite') === ''
      ? 'UriRegexRewrite requires both Rewrite and Match fields to be specified'
      : regexProblem(match, 'HTTPRewrite.UriRegexRewrite.Match');
  return problem === undefined ? undefined : `UriRegexRewrite has errors\n${problem}`;
}
