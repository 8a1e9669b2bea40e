import { parseDurationMs } from '../../istio/duration.ts';
import type { HttpRetry } from '../../istio/virtual-service.ts';
import type { RetryPolicy } from '../../xds/route.ts';
import type { MeshConfig } from '../mesh-config.ts';

const DEFAULT_CONDITIONS: ReadonlySet<string> = new Set([
  'connect-failure',
  'refused-stream',
  'unavailable',
  'cancelled',
  'retriable-status-codes',
]);

const DEFAULT_RETRIES: RetryPolicy = {
  attempts: 2,
  conditions: DEFAULT_CONDITIONS,
  perTryTimeoutMs: undefined,
};

/** A sidecar tries again when the application closed a connection before it got the request; never for gRPC. */
export const INBOUND_RETRIES: RetryPolicy = {
  attempts: 2,
  conditions: new Set(['reset-before-request']),
  perTryTimeoutMs: undefined,
};

export const NO_RETRIES: RetryPolicy = {
  attempts: 0,
  conditions: new Set(),
  perTryTimeoutMs: undefined,
};

/** What is done where no rule says otherwise: what the mesh's defaultHttpRetryPolicy says, else Istio's own default. */
export function defaultRetries({ defaultHttpRetryPolicy }: MeshConfig): RetryPolicy {
  return defaultHttpRetryPolicy ? retryPolicy(defaultHttpRetryPolicy) : DEFAULT_RETRIES;
}

/** A rule's `retries`, made ready (VirtualService, HTTPRetry). */
export function retryPolicy(retries: HttpRetry): RetryPolicy {
  const written = (retries.retryOn ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const backOffMs = parseDurationMs(retries.backoff);
  return {
    attempts: retries.attempts ?? DEFAULT_RETRIES.attempts,
    conditions: written.length > 0 ? new Set(written) : DEFAULT_CONDITIONS,
    perTryTimeoutMs: parseDurationMs(retries.perTryTimeout),
    ...(backOffMs !== undefined && { backOffMs }),
    ...(retries.retryIgnorePreviousHosts !== undefined && {
      avoidsTried: retries.retryIgnorePreviousHosts,
    }),
  };
}
