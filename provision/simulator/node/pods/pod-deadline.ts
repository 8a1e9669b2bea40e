import type { Pod } from '../../kinds/types/core.ts';
import type { PodHost } from './host.ts';
import type { Verdict } from './pod-status.ts';

const MESSAGE = 'Pod was active on the node longer than the specified deadline';

/** Ends pods that were to run for a limited time (PodSpec.activeDeadlineSeconds). */
export class PodDeadline implements Disposable {
  readonly #host: PodHost;
  readonly #onPassed: (verdict: Verdict) => void;
  #seconds: number | undefined;
  #timer: Disposable | undefined;

  constructor(host: PodHost, onPassed: (verdict: Verdict) => void) {
    this.#host = host;
    this.#onPassed = onPassed;
  }

  /** Waits for what the pod says now. */
  watch(pod: Pod, startTime: string): void {
    const { activeDeadlineSeconds: seconds } = pod.spec;
    if (seconds === this.#seconds) return;
    this[Symbol.dispose]();
    this.#seconds = seconds;
    if (seconds === undefined) return;
    const { clock, events } = this.#host;
    const waitMs = Math.max(0, Date.parse(startTime) + seconds * 1_000 - clock.now());
    this.#timer = clock.after(waitMs, () => {
      events.record(pod, { type: 'Normal', reason: 'DeadlineExceeded', message: MESSAGE });
      this.#onPassed({ phase: 'Failed', reason: 'DeadlineExceeded', message: MESSAGE });
    });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
