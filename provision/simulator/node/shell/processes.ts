import type { Clock } from '../../clock.ts';
import type { Process, Processes } from '../../programs/program.ts';

interface Entry extends Process {
  readonly onSignal: (signal: number) => void;
}

/** The process table of one container. */
export class ProcessTable implements Processes {
  readonly #clock: Clock;
  readonly #entries = new Map<number, Entry>();
  #nextPid = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Adds a process and gives its id, the first one 1; disposing of the result ends it. */
  start(options: {
    readonly command: string;
    readonly user: string;
    readonly onSignal: (signal: number) => void;
  }): Disposable & { readonly pid: number } {
    const pid = this.#nextPid;
    // The next ids look like those of a container that has been busy for a while.
    this.#nextPid += pid === 1 ? 6 : 1;
    this.#entries.set(pid, { ...options, pid, startedMs: this.#clock.now() });
    return { pid, [Symbol.dispose]: () => void this.#entries.delete(pid) };
  }

  list(): readonly Process[] {
    return [...this.#entries.values()].toSorted((a, b) => a.pid - b.pid);
  }

  kill(pid: number, signal: number): boolean {
    const entry = this.#entries.get(pid);
    if (entry && signal !== 0) entry.onSignal(signal);
    return entry !== undefined;
  }
}
