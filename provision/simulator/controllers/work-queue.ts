import type { Clock } from '../clock.ts';
import { CONCURRENT_SYNCS, RETRY_BASE_MS, RETRY_MAX_MS } from './limits.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Brings what `key` names to its wanted state; when it rejects, the key is tried again after a growing wait. */
  readonly sync: (key: string) => Promise<void>;
  /** Told of each rejection, before the retry is scheduled. */
  readonly onError?: (key: string, error: unknown) => void;
  /** Keys in work at the same time. Default 4. */
  readonly concurrency?: number;
}

/**
 * Keys waiting for a controller. A key waits at most once however often it is added, is never in work twice at the
 * same time, and is worked on again when it was added meanwhile (client-go's workqueue). Keys name objects, so that
 * the cluster's limit on objects is the queue's as well. Nothing polls: an empty queue has no timer.
 */
export class WorkQueue implements AsyncDisposable {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, { readonly dueMs: number; readonly timer: Disposable }>();
  readonly #failures = new Map<string, number>();
  #isScheduled = false;
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Lets `key` be worked on soon: after the caller's own turn, so that a burst of events costs one pass. */
  add(key: string): void {
    if (this.#isStopped) return;
    this.#waiting.add(key);
    this.#schedule();
  }

  /** Lets `key` be worked on in `delayMs`; of several such wishes the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueMs = this.#options.clock.now() + delayMs;
    const known = this.#timers.get(key);
    if (known && known.dueMs <= dueMs) return;
    known?.timer[Symbol.dispose]();
    const timer = this.#options.clock.after(delayMs, () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, { dueMs, timer });
  }

  /** Takes no more work, and waits for what is in work to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
    await Promise.all(this.#running.values());
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#startWaiting();
    });
  }

  #startWaiting(): void {
    const limit = this.#options.concurrency ?? CONCURRENT_SYNCS;
    for (const key of this.#waiting) {
      if (this.#running.size >= limit) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#options.sync(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#options.onError?.(key, error);
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.addAfter(key, Math.min(RETRY_BASE_MS * 2 ** failures, RETRY_MAX_MS));
    } finally {
      this.#running.delete(key);
      if (this.#waiting.size > 0) this.#schedule();
    }
  }
}
