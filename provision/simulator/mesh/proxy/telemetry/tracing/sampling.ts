import type { HttpHeaders } from '../../../../net/http.ts';
import type { TracingConfig } from '../../../pilot/push/telemetry/tracing.ts';

/** Where a request id says whether its request is traced, and why (Envoy's UUID request id extension). */
const PLACE = 14;
const REASONS = { none: '4', sampled: '9', forced: 'a', client: 'b' } as const;

/**
 * Whether a request is to be traced as far as its caller has left that open; the first proxy decides and writes it into x-request-id
 * (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/observability/tracing).
 */
export function decideSampling(
  headers: HttpHeaders,
  { samplingPercent, usesRequestId }: TracingConfig,
  random: () => number,
): boolean {
  const id = headers.get('x-request-id') ?? '';
  if (!usesRequestId || !/^[0-9a-f]{8}-/i.test(id)) return random() * 100 < samplingPercent;
  if (isTraced(id)) return true;
  const reason = reasonFor(headers, id, samplingPercent);
  if (reason !== REASONS.none) {
    headers.set('x-request-id', `${id.slice(0, PLACE)}${reason}${id.slice(PLACE + 1)}`);
  }
  return reason !== REASONS.none;
}

function isTraced(id: string): boolean {
  const reason = id[PLACE];
  return reason === REASONS.sampled || reason === REASONS.forced || reason === REASONS.client;
}

function reasonFor(headers: HttpHeaders, id: string, percent: number): string {
  if (headers.has('x-client-trace-id')) return REASONS.client;
  if (headers.has('x-envoy-force-trace')) return REASONS.forced;
  // The same for all proxies that a request passes: by the first digits of its id.
  const lot = (Number.parseInt(id.slice(0, 8), 16) % 10_000) / 100;
  return lot < percent ? REASONS.sampled : REASONS.none;
}
