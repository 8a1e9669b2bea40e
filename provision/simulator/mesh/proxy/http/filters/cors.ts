import { parseDurationMs } from '../../../istio/duration.ts';
import type { CorsPolicy } from '../../../istio/virtual-service.ts';
import { direct, type ProxyAnswer } from '../answers.ts';
import { compileString } from '../match.ts';
import type { HttpStream } from '../stream.ts';

/**
 * Envoy's CORS filter (https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy): preflights from origins
 * that are allowed are answered here; others go on, or are answered without any permission where the policy says IGNORE.
 */
export function answerPreflight(stream: HttpStream, policy: CorsPolicy): ProxyAnswer | undefined {
  const { method, headers } = stream.request;
  const origin = headers.get('origin');
  const isPreflight =
    method === 'OPTIONS' && origin !== undefined && headers.has('access-control-request-method');
  if (!isPreflight) return undefined;
  if (!isAllowed(policy, origin)) {
    return policy.unmatchedPreflights === 'IGNORE' ? direct(200, '') : undefined;
  }
  const maxAgeMs = parseDurationMs(policy.maxAge);
  const allowed: readonly (readonly [string, string | undefined])[] = [
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', policy.allowCredentials ? 'true' : undefined],
    ['access-control-allow-methods', joined(policy.allowMethods)],
    ['access-control-allow-headers', joined(policy.allowHeaders)],
    ['access-control-max-age', maxAgeMs === undefined ? undefined : String(maxAgeMs / 1_000)],
  ];
  return direct(
    200,
    '',
    allowed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** Lets the page of an allowed origin read the application's answer. */
export function addCorsHeaders(stream: HttpStream, policy: CorsPolicy, answer: ProxyAnswer): void {
  const origin = stream.request.headers.get('origin');
  if (origin === undefined || !isAllowed(policy, origin)) return;
  const { headers } = answer.response;
  headers.set('access-control-allow-origin', origin);
  if (policy.allowCredentials) headers.set('access-control-allow-credentials', 'true');
  const exposed = joined(policy.exposeHeaders);
  if (exposed !== undefined) headers.set('access-control-expose-headers', exposed);
}

function isAllowed({ allowOrigins = [], allowOrigin = [] }: CorsPolicy, origin: string): boolean {
  return (
    allowOrigin.some((one) => one === '*' || one === origin) ||
    allowOrigins.some((one) => one.exact === '*' || compileString(one)(origin))
  );
}

function joined(values: readonly string[] | undefined): string | undefined {
  return values?.length ? values.join(',') : undefined;
}
