/** The server counts idle time in minutes; telling it more often would be noise. */
const TOLD_EVERY_MS = 60_000;

/** Tells, once in a while, that somebody uses the page: reading a long lesson is no idleness. */
export function tellActivity(tell: () => void, signal: AbortSignal): void {
  let toldMs = -Infinity;
  const act = () => {
    const nowMs = performance.now();
    if (nowMs - toldMs < TOLD_EVERY_MS) return;
    toldMs = nowMs;
    tell();
  };
  for (const event of ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const) {
    addEventListener(event, act, { signal, passive: true, capture: true });
  }
}
