import { sleep, type Clock } from '../../../clock.ts';
import { goDuration } from '../../go/duration.ts';
import { goNumber } from '../../go/number.ts';
import type { LoadOptions } from '../command-line.ts';
import { type Connection, FAILED, FIRST_GOROUTINE } from '../connection.ts';
import { LONGEST_RUN_MS, MOST_CALLS, MOST_RECEIVED_BYTES } from '../limits.ts';
import type { Logger } from '../logger.ts';
import { preciseNow, seconds } from '../time.ts';
import type { Tally } from './tally.ts';
import { TURNS } from './turns.ts';

/** How many calls each connection makes, and how many the first one makes beyond. */
export interface Plan {
  readonly connections: number;
  /** Infinity when time alone ends the run. */
  readonly callsEach: number;
  readonly leftOver: number;
}

export interface RunParts {
  readonly options: LoadOptions;
  readonly plan: Plan;
  readonly connections: readonly Connection[];
  readonly tally: Tally;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Makes the calls of a run, each connection its own one after the other (fortio, periodic). */
export class Runner {
  readonly #parts: RunParts;
  readonly #stopped = new AbortController();
  readonly #startMs: number;
  readonly #signal: AbortSignal;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#startMs = preciseNow(parts.clock);
    this.#signal = AbortSignal.any([parts.signal, this.#stopped.signal]);
  }

  /** How long the run took, in milliseconds. */
  async run(): Promise<number> {
    const { plan, connections, clock } = this.#parts;
    // Whatever is asked for, a run ends some day.
    using end = clock.after(LONGEST_RUN_MS, () => this.#stopped.abort());
    void end;
    const threads = connections
      .slice(0, plan.connections)
      .map((connection, id) => this.#thread(connection, id));
    await Promise.all(threads);
    return this.#elapsedMs();
  }

  async #thread(connection: Connection, id: number): Promise<void> {
    const { plan, options, logger } = this.#parts;
    const calls = plan.callsEach + (id === 0 ? plan.leftOver : 0);
    const delayMs = options.uniform && options.qps > 0 ? (id * 1_000) / options.qps : 0;
    let made = 0;
    try {
      if (delayMs > 0) await sleep(this.#parts.clock, delayMs, this.#signal);
      while (made >= 0 && made < calls && !this.#isOver(id, made, calls)) {
        await this.#call(connection);
        made = await this.#pace(made + 1, { calls, delayMs });
      }
    } catch (error) {
      // What was under way when the run was interrupted is not counted.
      if (!this.#signal.aborted) throw error;
    }
    const elapsedMs = this.#elapsedMs();
    const count = Math.abs(made);
    logger.log(
      'info',
      ['periodic.go', 882, FIRST_GOROUTINE + id],
      `T${String(id).padStart(3, '0')} ended after ${goDuration(elapsedMs)} : ${count} calls. qps=${goNumber(count / (elapsedMs / 1_000))}`,
    );
  }

  async #call(connection: Connection): Promise<void> {
    const { tally, options, logger } = this.#parts;
    await TURNS.next();
    this.#signal.throwIfAborted();
    const startedMs = this.#elapsedMs();
    const outcome = await connection.fetch();
    tally.record(outcome, seconds(this.#elapsedMs() - startedMs));
    if (options.abortOn !== 0 && outcome.code === options.abortOn) {
      const fields = { run: options.runId, code: outcome.code, size: outcome.size };
      logger.log('info', ['httprunner.go', 71], 'Aborted run because of http code', fields);
      this.#stopped.abort();
    }
    const isTooMuch = tally.calls.count >= MOST_CALLS || tally.receivedBytes > MOST_RECEIVED_BYTES;
    if (isTooMuch) this.#stopped.abort();
    // A connection that fails at once would take no time at all; others have a turn in between.
    if (outcome.code === FAILED) await sleep(this.#parts.clock, 1, this.#signal);
  }

  #isOver(id: number, made: number, calls: number): boolean {
    if (this.#signal.aborted) return true;
    const { options, logger } = this.#parts;
    const isTimed = options.calls === 0 && options.durationMs > 0;
    if (!isTimed || this.#elapsedMs() <= options.durationMs) return false;
    if (options.qps === 0) return true;
    if (made < 2 || made === calls - 1) return false;
    logger.log(
      'warning',
      ['periodic.go', 813],
      `T${String(id).padStart(3, '0')} warning only did ${made} out of ${calls} calls before reaching ${goDuration(options.durationMs)}`,
    );
    return true;
  }

  /** Waits until the next call is due. @returns how many calls are made or skipped by then */
  async #pace(
    made: number,
    { calls, delayMs }: { readonly calls: number; readonly delayMs: number },
  ): Promise<number> {
    const { options, plan, tally, clock, random } = this.#parts;
    if (options.qps === 0) return made;
    const perConnection = options.qps / plan.connections;
    for (let next = made; next < calls; next++) {
      const isTimed = options.calls > 0 || options.durationMs > 0;
      // The calls are spread so that the last one is made when the time is over.
      const spread = isTimed && Number.isFinite(calls) && calls > 1 ? next / (calls - 1) : 0;
      const dueMs = ((next + spread) / perConnection) * 1_000;
      let waitMs = dueMs + delayMs - this.#elapsedMs();
      if (!options.catchesUp && waitMs < 0) continue;
      if (options.jitter && waitMs > 0) waitMs += (random() * 2 - 1) * (waitMs / 10);
      tally.sleeps.record(seconds(waitMs));
      if (waitMs > 0) await sleep(clock, waitMs, this.#signal);
      return next;
    }
    return calls;
  }

  #elapsedMs(): number {
    return preciseNow(this.#parts.clock) - this.#startMs;
  }
}
