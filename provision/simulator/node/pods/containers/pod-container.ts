import { sleep } from '../../../clock.ts';
import type { Happening } from '../../../controllers/events.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../../../kinds/types/core.ts';
import type { NetworkInterface } from '../../../net/network.ts';
import { goDuration } from '../../../programs/go/duration.ts';
import type { Program } from '../../../programs/program.ts';
import type { FileChanges } from '../../files/changes.ts';
import type { SharedFolder } from '../../files/file-tree.ts';
import {
  CONFIG_RETRY_MS,
  RESTART_BACKOFF_LIMIT_MS,
  RESTART_BACKOFF_RESET_MS,
  RESTART_BACKOFF_START_MS,
} from '../../limits.ts';
import type { ContainerLog } from '../../logs/container-log.ts';
import { Backoff } from '../backoff.ts';
import { ConfigError, expandCommand, resolveEnvironment } from '../environment.ts';
import type { PodHost } from '../host.ts';
import { programOf, pullImage } from '../images/pull.ts';
import { podAddress } from '../volumes/pod-files.ts';
import type { ProbeKind } from './probes.ts';
import { runProbes } from './probes.ts';
import { ContainerRecord } from './record.ts';
import { failPostStart, RunStop } from './run-stop.ts';
import { ContainerRun } from './run.ts';
import { lastWords } from './termination-message.ts';
import { userProblem } from './user.ts';

export interface PodContainerOptions {
  /** The pod as it is at the time of the call. */
  readonly pod: () => Pod;
  readonly container: Container;
  readonly kind: 'init' | 'main' | 'ephemeral';
  readonly host: PodHost;
  readonly network: NetworkInterface;
  readonly folders: ReadonlyMap<string, SharedFolder>;
  /** Reason of the waiting state before the container's turn has come. */
  readonly waitingReason: 'ContainerCreating' | 'PodInitializing';
  /** Called after each change of what `status` gives. */
  readonly onChange: () => void;
}

const FIELDS = {
  init: 'initContainers',
  main: 'containers',
  ephemeral: 'ephemeralContainers',
} as const;

/** One container of a pod over all its runs. */
export class PodContainer {
  readonly name: string;
  readonly isInit: boolean;
  readonly isSidecar: boolean;
  readonly #options: PodContainerOptions;
  readonly #record: ContainerRecord;
  readonly #restarts = new Backoff(RESTART_BACKOFF_START_MS, RESTART_BACKOFF_LIMIT_MS);
  readonly #ready = Promise.withResolvers<void>();
  readonly #ending = new AbortController();
  #changed = new AbortController();
  #container: Container;
  #savedFiles: FileChanges | undefined;
  #run: ContainerRun | undefined;
  #stop: RunStop | undefined;
  #previousLog: ContainerLog | undefined;
  #lastLog: ContainerLog | undefined;
  /** Whether the next start is wished for, so that nothing holds it back. */
  #isRestartWanted = false;

  constructor(options: PodContainerOptions) {
    const { container, kind, host, waitingReason, onChange } = options;
    this.#options = options;
    this.#container = container;
    this.name = container.name;
    this.isInit = kind === 'init';
    this.isSidecar = this.isInit && container.restartPolicy === 'Always';
    this.#record = new ContainerRecord({ container, host, waitingReason, onChange });
  }

  /** Settles when the container has started for the first time, its startup probe passed. */
  get started(): Promise<void> {
    return this.#ready.promise;
  }

  /** The run that is on; undefined while the container waits or when it has ended. */
  get run(): ContainerRun | undefined {
    return this.#run;
  }

  get log(): ContainerLog | undefined {
    return this.#lastLog;
  }

  get previousLog(): ContainerLog | undefined {
    return this.#previousLog;
  }

  get state(): ContainerState {
    return this.#record.state;
  }

  status(): ContainerStatus {
    return this.#record.status();
  }

  /** Takes up what a status says; the container's program is started by `supervise`. */
  restore(status: ContainerStatus, files?: FileChanges): void {
    this.#savedFiles = files;
    this.#record.restore(status);
    if (this.#record.isStarted) this.#ready.resolve();
  }

  /**
   * Runs the container until it has ended for good, and gives the exit status.
   * Rejects with the signal's reason when the pod is ended first.
   */
  async supervise(gone: AbortSignal): Promise<number> {
    const restored = this.state.terminated;
    if (restored && !this.#restartsAfter(restored.exitCode)) return restored.exitCode;
    const signal = AbortSignal.any([gone, this.#ending.signal]);
    let isResumed = this.state.running !== undefined;
    for (;;) {
      const startedMs = this.#options.host.clock.now();
      const exitCode = await this.#once(isResumed, signal, gone);
      isResumed = false;
      signal.throwIfAborted();
      if (!this.#restartsAfter(exitCode)) return exitCode;
      if (this.#options.host.clock.now() - startedMs >= RESTART_BACKOFF_RESET_MS) {
        this.#restarts.reset();
      }
      await this.#backOff(signal);
      this.#record.countRestart();
    }
  }

  /** Ends the container for good: its hook runs, then its program has what is left of the time to end by itself. */
  async end(graceMs: number): Promise<void> {
    const run = this.#run;
    this.#ending.abort(new Error('The container is being stopped'));
    if (!run) return;
    this.#event('Normal', 'Killing', `Stopping container ${this.name}`);
    await this.#stopRun(run, graceMs);
  }

  /** Takes up a new definition; with a reason the container is started again for it. */
  change(container: Container, restartReason?: string): void {
    this.#container = container;
    this.#record.setContainer(container);
    this.#changed.abort(new Error('The container has been changed'));
    this.#changed = new AbortController();
    if (restartReason === undefined || !this.#run) return;
    this.#isRestartWanted = true;
    this.#event('Normal', 'Killing', restartReason);
    this.#stopSoon(this.#run, this.#graceMs());
  }

  #stopRun(run: ContainerRun, graceMs: number): Promise<void> {
    const { host } = this.#options;
    this.#stop ??= new RunStop({
      run,
      host,
      subject: this.#handlerSubject(run),
      record: (type, reason, message) => this.#event(type, reason, message),
    });
    return this.#stop.within(graceMs);
  }

  #stopSoon(run: ContainerRun, graceMs: number): void {
    this.#stopRun(run, graceMs).catch(() => run.stop(137));
  }

  #graceMs(): number {
    return (this.#options.pod().spec.terminationGracePeriodSeconds ?? 30) * 1_000;
  }

  #restartsAfter(exitCode: number): boolean {
    if (this.#options.kind === 'ephemeral') return false;
    if (this.isSidecar || this.#isRestartWanted) return true;
    const { restartPolicy } = this.#options.pod().spec;
    if (this.isInit) return exitCode !== 0 && restartPolicy !== 'Never';
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
  }

  async #once(isResumed: boolean, signal: AbortSignal, gone: AbortSignal): Promise<number> {
    const { host } = this.#options;
    // What goes on as it was is there at once.
    const program = (isResumed && this.#programNow()) || (await this.#pull(signal));
    const env = await this.#configure(program, signal);
    if (!isResumed) {
      this.#event('Normal', 'Created', `Created container: ${this.name}`);
      await sleep(host.clock, host.times.startMs(host.random), signal);
    }
    const run = this.#start(program, env);
    if (!run) return 128;
    const ended = new AbortController();
    const isOver = AbortSignal.any([ended.signal, signal]);
    const onGone = () => run.stop(137);
    gone.addEventListener('abort', onGone, { once: true });
    const living = isResumed ? Promise.resolve(true) : this.#begin(run, isOver);
    const probing = living.then((isWell) =>
      isWell ? this.#probe(run, isResumed, isOver) : undefined,
    );
    // Looked at when the run is over, whatever comes of it before.
    probing.catch(() => undefined);
    const exitCode = await run.exited;
    gone.removeEventListener('abort', onGone);
    ended.abort(new Error('The container has ended'));
    await probing;
    this.#run = undefined;
    const isStopped = this.#stop !== undefined;
    this.#stop = undefined;
    this.#hasEnded(exitCode, run, isStopped);
    return exitCode;
  }

  /** Whether the container may go on: its hook has run well. */
  async #begin(run: ContainerRun, signal: AbortSignal): Promise<boolean> {
    const hook = this.#container.lifecycle?.postStart;
    if (!hook) {
      this.#hasStarted(run);
      return true;
    }
    this.#event('Normal', 'Started', `Started container ${this.name}`);
    const problem = await failPostStart(hook, this.#handlerSubject(run), signal);
    if (signal.aborted) return false;
    if (problem === undefined) {
      this.#record.run(run.id);
      return true;
    }
    this.#event('Warning', 'FailedPostStartHook', 'PostStartHook failed');
    this.#event('Normal', 'Killing', 'FailedPostStartHook');
    this.#record.wait('PostStartHookError', problem);
    await this.#stopRun(run, this.#graceMs());
    return false;
  }

  #start(program: Program, env: Readonly<Record<string, string>>): ContainerRun | undefined {
    const { pod, host, network, folders } = this.#options;
    const container = expandCommand(this.#container, env);
    this.#previousLog = this.#lastLog;
    try {
      const saved = this.#savedFiles;
      // They belong to the run that was saved, not to those after it.
      this.#savedFiles = undefined;
      this.#run = new ContainerRun({
        pod: pod(),
        podNow: pod,
        container,
        program,
        host,
        network,
        env,
        folders,
        ...(saved && { savedFiles: saved }),
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#event('Warning', 'Failed', `Error: ${message}`);
      const startedAt = '1970-01-01T00:00:00Z';
      this.#record.end({ exitCode: 128, reason: 'StartError', message, startedAt }, false);
      return undefined;
    }
    this.#lastLog = this.#run.log;
    return this.#run;
  }

  #hasStarted(run: ContainerRun): void {
    this.#event('Normal', 'Started', `Started container ${this.name}`);
    this.#record.run(run.id);
  }

  #hasEnded(exitCode: number, run: ContainerRun, isStopped: boolean): void {
    const isOutOfMemory = exitCode === 137 && run.isOutOfMemory && !isStopped;
    const reason = isOutOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error';
    const message = lastWords(this.#container, run, exitCode);
    const isDone = this.isInit && !this.isSidecar && exitCode === 0;
    this.#record.end(
      { exitCode, reason, ...(message && { message }), containerID: run.id },
      isDone,
    );
  }

  #programNow(): Program | undefined {
    const program = programOf({ container: this.#container, host: this.#options.host });
    if (program) this.#record.hasImage();
    return program;
  }

  async #pull(signal: AbortSignal): Promise<Program> {
    const current = () => this.#container;
    const subject = {
      get container() {
        return current();
      },
      host: this.#options.host,
      changed: () => this.#changed.signal,
      record: (type: Happening['type'], reason: string, message: string) =>
        this.#event(type, reason, message),
      wait: (reason: string, message: string) => this.#record.wait(reason, message),
    };
    const found = await pullImage(subject, signal);
    this.#record.hasImage();
    return found;
  }

  /** The container's environment, as soon as everything it is made of is there. */
  async #configure(
    program: Program,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const { host, network } = this.#options;
    for (;;) {
      const pod = this.#options.pod();
      try {
        const problem = userProblem(pod, this.#container, program);
        if (problem !== undefined) throw new ConfigError(problem);
        const podIp = podAddress(pod, host, network.ip);
        const sources = { client: host.client, pod, podIp, hostIp: host.ip };
        return resolveEnvironment(this.#container, sources);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.#event('Warning', 'Failed', `Error: ${error.message}`);
        this.#record.wait('CreateContainerConfigError', error.message);
      }
      await sleep(host.clock, CONFIG_RETRY_MS, signal);
    }
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    // The first restart comes at once; only a container that keeps ending is held back.
    if (this.#record.restartCount === 0 || this.#isRestartWanted) {
      this.#isRestartWanted = false;
      return;
    }
    const { host } = this.#options;
    const { name, namespace, uid } = this.#options.pod().metadata;
    const waitMs = this.#restarts.next();
    const place = `${name}_${namespace}(${uid})`;
    const message = `back-off ${goDuration(waitMs)} restarting failed container=${this.name} pod=${place}`;
    this.#event(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${this.name} in pod ${place}`,
    );
    this.#record.wait('CrashLoopBackOff', message);
    await sleep(host.clock, waitMs, signal);
  }

  #handlerSubject(run: ContainerRun) {
    const { host, network } = this.#options;
    return {
      container: this.#container,
      podIp: network.ip,
      network: host.network,
      clock: host.clock,
      exec: (command: readonly string[], stop: AbortSignal) => run.command(command, stop),
    };
  }

  #probe(run: ContainerRun, isResumed: boolean, signal: AbortSignal): Promise<void> {
    const from = isResumed
      ? { isStarted: this.#record.isStarted, isReady: this.#record.isReady }
      : { isStarted: false, isReady: false };
    const subject = {
      ...this.#handlerSubject(run),
      onStarted: () => {
        this.#ready.resolve();
        this.#record.setStarted();
      },
      onReady: (isReady: boolean) => this.#record.setReady(isReady),
      onFailure: (kind: ProbeKind, message: string) =>
        this.#event('Warning', 'Unhealthy', `${kind} probe failed: ${message}`),
      onError: (kind: ProbeKind, message: string) => {
        const text = `${kind} probe errored and resulted in unknown state: ${message}`;
        this.#event('Warning', 'Unhealthy', text);
      },
      onUnhealthy: (kind: ProbeKind) => this.#isUnhealthy(kind, run),
    };
    return runProbes(subject, from, signal);
  }

  #isUnhealthy(kind: ProbeKind, run: ContainerRun): void {
    const { startupProbe, livenessProbe } = this.#container;
    const probe = kind === 'Startup' ? startupProbe : livenessProbe;
    const seconds = probe?.terminationGracePeriodSeconds;
    const text = `Container ${this.name} failed ${kind.toLowerCase()} probe, will be restarted`;
    this.#event('Normal', 'Killing', text);
    this.#stopSoon(run, seconds === undefined ? this.#graceMs() : seconds * 1_000);
  }

  #event(type: Happening['type'], reason: string, message: string): void {
    const { host, pod, kind } = this.#options;
    const fieldPath = `spec.${FIELDS[kind]}{${this.name}}`;
    host.events.record(pod(), { type, reason, message, fieldPath });
  }
}
