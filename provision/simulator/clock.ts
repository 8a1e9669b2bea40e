/** Time as the simulator sees it: everything that waits or stamps gets one of these, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds and their fractions since any moment, for what is measured; without it `now` is all there is. */
  precise?(): number;
  /** Calls `run` once after `delayMs`; disposing of the result calls it off. */
  after(delayMs: number, run: () => void): Disposable;
}

/** Longest wait of one timer in milliseconds (24.8 days): Node would fire a longer one at once. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;

/** Real time. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  precise: () => performance.now(),
  after(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (remainingMs: number) => {
      const stepMs = Math.min(remainingMs, TIMER_LIMIT_MS);
      timer = setTimeout(() => {
        if (remainingMs > stepMs) wait(remainingMs - stepMs);
        else run();
      }, stepMs);
      timer.unref();
    };
    wait(delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** Waits for `delayMs`; rejects with the signal's reason when that comes first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = () => {
      timer[Symbol.dispose]();
      reject(abortReason(signal));
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The time now in the form Kubernetes stores it. */
export function timestamp(clock: Clock): string {
  return timestampOf(clock.now());
}

/** A time in milliseconds since the Unix epoch in the form Kubernetes stores it: RFC 3339 in UTC, to the second. */
export function timestampOf(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('Stopped waiting: the work was called off');
}
