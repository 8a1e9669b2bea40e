import { isConflict, isNotFound } from '../client/api-error.ts';
import type { Clock } from '../clock.ts';

const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 30_000;

/**
 * Keys that want work: each is worked on once at a time, asked for again while it is worked on it comes once more, and after an
 * error it comes back later and later. Nothing runs while nothing is asked for.
 */
export class WorkQueue implements Disposable {
  readonly #clock: Clock;
  readonly #work: (key: string) => Promise<void>;
  readonly #waiting = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, Disposable>();
  #isWorking = false;
  #isStopped = false;

  constructor(clock: Clock, work: (key: string) => Promise<void>) {
    this.#clock = clock;
    this.#work = work;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.#waiting.add(key);
    if (!this.#isWorking) {
      this.#isWorking = true;
      queueMicrotask(() => void this.#drain());
    }
  }

  /** Adds a key when a time has passed; an earlier appointment of the same key is replaced. */
  addAfter(key: string, delayMs: number): void {
    this.#timers.get(key)?.[Symbol.dispose]();
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, timer);
  }

  [Symbol.dispose](): void {
    this.#isStopped = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }

  async #drain(): Promise<void> {
    for (const key of this.#waiting) {
      if (this.#isStopped) return;
      this.#waiting.delete(key);
      await this.#workOn(key);
    }
    this.#isWorking = false;
    // A key may have come between the last look and here.
    const [next] = this.#waiting;
    if (next !== undefined) this.add(next);
  }

  async #workOn(key: string): Promise<void> {
    try {
      await this.#work(key);
      this.#failures.delete(key);
    } catch (error) {
      if (this.#isStopped) return;
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      // What has changed or gone meanwhile is looked at again at once; the rest may need time.
      const isStale = isConflict(error) || isNotFound(error);
      const delayMs = isStale
        ? FIRST_RETRY_MS
        : Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
      this.addAfter(key, delayMs);
    }
  }
}

/** `namespace/name`. */
export function keyOf({
  metadata,
}: {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
