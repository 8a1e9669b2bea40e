import { setImmediate as nextTurn, setTimeout as rest } from 'node:timers/promises';

import { FEWEST_STARTS, LONGEST_REST_MS, MOST_STARTS, TURN_MS } from '../limits.ts';

interface Waiting {
  readonly start: () => void;
}

/**
 * When load tests may start calls. All runs of the process share one: it lets some calls start together, so that they are
 * under way together, waits until the process has dealt with them, and then rests as long as that took. So load tests
 * take half of the process at most, in pieces of some milliseconds, and everybody else has a turn in between.
 *
 * The time is the process's own, not a cluster's clock: it is the processor that is shared out.
 */
class Turns {
  readonly #waiting: Waiting[] = [];
  /** What a call has cost lately, in milliseconds. */
  #costMs = 0.5;
  #isRunning = false;

  /** Settles when the next call may start. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ start: resolve });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Whoever asks in this same moment starts in the same turn.
    await nextTurn();
    while (this.#waiting.length > 0) {
      const wanted = Math.round(TURN_MS / this.#costMs);
      const count = Math.min(Math.max(wanted, FEWEST_STARTS), MOST_STARTS);
      const startedMs = performance.now();
      const starting = this.#waiting.splice(0, count);
      for (const { start } of starting) start();
      // The calls run on their way through proxies and programs now, which takes some turns of the event loop.
      for (let turn = 0; turn < SETTLING_TURNS; turn++) await nextTurn();
      const spentMs = performance.now() - startedMs;
      this.#costMs = 0.8 * this.#costMs + 0.2 * Math.max(spentMs / starting.length, LEAST_COST_MS);
      await rest(Math.min(Math.max(spentMs, 1), LONGEST_REST_MS));
    }
    this.#isRunning = false;
  }
}

/** A call crosses the event loop about so often until it is answered. */
const SETTLING_TURNS = 3;
const LEAST_COST_MS = 0.02;

/** The turns of this process. */
export const TURNS = new Turns();
