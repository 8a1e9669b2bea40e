import type { Clock } from '../../clock.ts';

/** Milliseconds since any moment, as finely as the clock tells. */
export function preciseNow(clock: Clock): number {
  return clock.precise?.() ?? clock.now();
}

/** Seconds to the nanosecond, as Go counts time. */
export function seconds(durationMs: number): number {
  return Math.round(durationMs * 1e6) / 1e9;
}
