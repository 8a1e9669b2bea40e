import { useEffect, useState } from 'react';

import type { TimeView } from '#protocol';

/** The server speaks up this long before an end; what it says earlier of idle time is out of date with the next key. */
const WARNED_SECONDS = 5 * 60;
const TICK_MS = 1_000;

/** The end that comes first, when it is near. */
export interface NearEnd {
  readonly why: 'idle' | 'total';
  readonly seconds: number;
}

/** What is left of the time that the server told some seconds ago; nothing while no end is near. */
export function nearEnd(time: TimeView, passedSeconds: number): NearEnd | undefined {
  const { idleSeconds, totalSeconds } = time;
  const why = idleSeconds < totalSeconds ? 'idle' : 'total';
  const told = Math.min(idleSeconds, totalSeconds);
  if (told > WARNED_SECONDS) return undefined;
  return { why, seconds: Math.max(0, Math.ceil(told - passedSeconds)) };
}

/** Counts down by itself to the near end, if there is one. */
export function useNearEnd(time: TimeView | undefined): NearEnd | undefined {
  const [clock, setClock] = useState({ time, toldMs: 0, nowMs: 0 });
  const isNear = time !== undefined && nearEnd(time, 0) !== undefined;

  useEffect(() => {
    if (!isNear) return undefined;
    const toldMs = performance.now();
    setClock({ time, toldMs, nowMs: toldMs });
    const timer = setInterval(() => setClock({ time, toldMs, nowMs: performance.now() }), TICK_MS);
    return () => clearInterval(timer);
  }, [time, isNear]);

  if (!time) return undefined;
  // Told just now: the clock is set right after this rendering.
  const passedMs = clock.time === time ? clock.nowMs - clock.toldMs : 0;
  return nearEnd(time, passedMs / 1_000);
}

/** Minutes and seconds, `4:05`. */
export function clockText(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
