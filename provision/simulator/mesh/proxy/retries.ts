import { parseDurationMs } from '../istio/duration.ts';
import type { HttpRoute } from '../istio/types.ts';

/** Which failures are tried again, and how often. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly attempts: number;
  readonly conditions: ReadonlySet<string>;
  readonly perTryTimeoutMs: number | undefined;
}

/** How one try ended without an answer from the application. */
export type Failure = 'refused' | 'reset' | 'timeout';

const DEFAULT_CONDITIONS = [
  'connect-failure',
  'refused-stream',
  'unavailable',
  'cancelled',
  'retriable-status-codes',
];
/** Envoy waits a random part of this before the first new try, twice as long at most before the next, up to the limit. */
const BACK_OFF_BASE_MS = 25;
const BACK_OFF_LIMIT_MS = 250;

/** What Istio does where no rule says otherwise (VirtualService, HTTPRetry). */
export const DEFAULT_RETRIES: RetryPolicy = {
  attempts: 2,
  conditions: new Set(DEFAULT_CONDITIONS),
  perTryTimeoutMs: undefined,
};

/** A rule's `retries`, made ready. */
export function compileRetries(retries: HttpRoute['retries']): RetryPolicy {
  if (!retries) return DEFAULT_RETRIES;
  const written = (retries.retryOn ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return {
    attempts: retries.attempts ?? DEFAULT_RETRIES.attempts,
    conditions: new Set(written.length > 0 ? written : DEFAULT_CONDITIONS),
    perTryTimeoutMs: parseDurationMs(retries.perTryTimeout),
  };
}

/** Whether a try that got no answer may be followed by another. */
export function retriesFailure({ conditions }: RetryPolicy, failure: Failure): boolean {
  if (['reset', '5xx', 'gateway-error'].some((word) => conditions.has(word))) return true;
  return failure === 'refused' && conditions.has('connect-failure');
}

/** Whether an answer with this status may be followed by another try. */
export function retriesStatus({ conditions }: RetryPolicy, status: number): boolean {
  return (
    (status >= 500 && conditions.has('5xx')) ||
    (status >= 502 && status <= 504 && conditions.has('gateway-error')) ||
    (status === 409 && conditions.has('retriable-4xx')) ||
    conditions.has(String(status))
  );
}

/** How long to wait before the try after `tried` others. */
export function backOffMs(tried: number, random: () => number): number {
  return random() * Math.min(BACK_OFF_LIMIT_MS, BACK_OFF_BASE_MS * (2 ** tried - 1));
}
