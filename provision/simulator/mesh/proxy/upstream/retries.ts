import type { RetryPolicy } from '../../xds/route.ts';

/** How one try ended without an answer from the application. */
export type Failure = 'refused' | 'reset' | 'timeout';

/** Envoy waits a random part of this before the first new try, twice as long at most before the next, up to ten times as long. */
const BACK_OFF_BASE_MS = 25;
const BACK_OFF_LIMIT_FACTOR = 10;

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
export function backOffMs(
  tried: number,
  { backOffMs: baseMs = BACK_OFF_BASE_MS }: RetryPolicy,
  random: () => number,
): number {
  return random() * Math.min(BACK_OFF_LIMIT_FACTOR * baseMs, baseMs * (2 ** tried - 1));
}
