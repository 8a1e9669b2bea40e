import type { Clock } from '../../../clock.ts';
import { sleep } from '../../../clock.ts';
import type { Happening } from '../../../controllers/events.ts';
import type { LifecycleHandler } from '../../../kinds/types/core.ts';
import type { PodHost } from '../host.ts';
import type { HandlerSubject } from './handlers.ts';
import { runHook } from './hooks.ts';
import type { ContainerRun } from './run.ts';

/** What containers end with that end by a signal: SIGTERM, and SIGKILL when their time is over. */
const TERMINATED = 143;
const KILLED = 137;

type Subject = HandlerSubject & { readonly clock: Clock };

interface RunStopOptions {
  readonly run: ContainerRun;
  readonly host: PodHost;
  readonly subject: Subject;
  readonly record: (type: Happening['type'], reason: string, message: string) => void;
}

/** The end of one run of a container (Kubernetes documentation, "Pod Lifecycle": termination of pods). */
export class RunStop {
  readonly #options: RunStopOptions;
  readonly #over = new AbortController();
  #timer: Disposable | undefined;
  #done: Promise<void> | undefined;

  constructor(options: RunStopOptions) {
    this.#options = options;
  }

  /** Ends the run within this time; asked again, the shorter time counts. */
  within(graceMs: number): Promise<void> {
    const { host, run } = this.#options;
    this.#timer?.[Symbol.dispose]();
    this.#timer = host.clock.after(graceMs, () => {
      this.#over.abort(new Error('The time to end is over'));
      run.stop(KILLED);
    });
    this.#done ??= this.#end();
    return this.#done;
  }

  async #end(): Promise<void> {
    const { run, host, subject, record } = this.#options;
    const { signal } = this.#over;
    const isOver = AbortSignal.any([signal, run.ended]);
    try {
      const hook = subject.container.lifecycle?.preStop;
      const problem = hook && (await runHook(hook, subject, isOver));
      if (problem !== undefined) record('Warning', 'FailedPreStopHook', 'PreStopHook failed');
      await sleep(host.clock, host.times.stopMs(host.random), isOver);
      run.stop(TERMINATED);
    } catch (error) {
      if (!isOver.aborted) throw error;
    }
    await run.exited;
    this.#timer?.[Symbol.dispose]();
  }
}

/** Runs the hook after a container's start; what went wrong, in the kubelet's words. */
export async function failPostStart(
  hook: LifecycleHandler,
  subject: Subject,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const problem = await runHook(hook, subject, signal);
    if (problem === undefined) return undefined;
    const command = JSON.stringify(hook.exec?.command ?? []).replaceAll(',', ' ');
    return hook.exec
      ? `Exec lifecycle hook (${command}) for Container ${JSON.stringify(subject.container.name)} failed - error: ${problem}`
      : problem;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
