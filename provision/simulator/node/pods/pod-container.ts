import { ApiError } from '../../client/api-error.ts';
import { sleep, timestamp } from '../../clock.ts';
import type { Happening } from '../../controllers/events.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../../kinds/types/core.ts';
import type { NetworkInterface } from '../../net/network.ts';
import type { Program } from '../../programs/program.ts';
import type { FileChanges } from '../files/changes.ts';
import type { SharedFolder } from '../files/file-tree.ts';
import type { ExecProcess } from '../kubelet.ts';
import {
  CONFIG_RETRY_MS,
  RESTART_BACKOFF_LIMIT_MS,
  RESTART_BACKOFF_RESET_MS,
  RESTART_BACKOFF_START_MS,
  TERMINATION_MESSAGE_LIMIT_BYTES,
} from '../limits.ts';
import type { ContainerLog } from '../logs/container-log.ts';
import { Backoff, goDuration } from './backoff.ts';
import { ContainerRun } from './container-run.ts';
import { ConfigError, expandReferences, resolveEnvironment } from './environment.ts';
import type { PodHost } from './host.ts';
import { programOf, pullImage } from './image-pull.ts';
import { fullImageName, imageId } from './images.ts';
import type { ProbeKind } from './probes.ts';
import { runProbes } from './probes.ts';

export interface PodContainerOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly isInit: boolean;
  readonly host: PodHost;
  readonly network: NetworkInterface;
  readonly folders: ReadonlyMap<string, SharedFolder>;
  /** Reason of the waiting state before the container's turn has come. */
  readonly waitingReason: 'ContainerCreating' | 'PodInitializing';
  /** Called after each change of what `status` gives. */
  readonly onChange: () => void;
}

/** One container of a pod over all its runs. */
export class PodContainer {
  readonly name: string;
  readonly isInit: boolean;
  readonly isSidecar: boolean;
  readonly #options: PodContainerOptions;
  readonly #restarts = new Backoff(RESTART_BACKOFF_START_MS, RESTART_BACKOFF_LIMIT_MS);
  readonly #ready = Promise.withResolvers<void>();
  #state: ContainerState;
  #lastState: ContainerState = {};
  #restartCount = 0;
  #isReady = false;
  #isStarted = false;
  #imageId = '';
  #containerId = '';
  #savedFiles: FileChanges | undefined;
  #run: ContainerRun | undefined;
  #previousLog: ContainerLog | undefined;
  #lastLog: ContainerLog | undefined;

  constructor(options: PodContainerOptions) {
    this.#options = options;
    this.name = options.container.name;
    this.isInit = options.isInit;
    this.isSidecar = options.isInit && options.container.restartPolicy === 'Always';
    this.#state = { waiting: { reason: options.waitingReason } };
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
    return this.#state;
  }

  status(): ContainerStatus {
    const { container } = this.#options;
    return {
      name: this.name,
      ready: this.#isReady,
      started: this.#isStarted,
      restartCount: this.#restartCount,
      image: this.#imageId ? fullImageName(container.image) : container.image,
      imageID: this.#imageId,
      ...(this.#containerId && { containerID: this.#containerId }),
      state: this.#state,
      lastState: this.#lastState,
    };
  }

  /** Takes up what a status says; the container's program is started by `supervise`. */
  restore(status: ContainerStatus, files?: FileChanges): void {
    this.#savedFiles = files;
    this.#state = status.state;
    this.#lastState = status.lastState ?? {};
    this.#restartCount = status.restartCount;
    this.#isReady = status.ready;
    this.#isStarted = status.started ?? false;
    this.#imageId = status.imageID;
    this.#containerId = status.containerID ?? '';
    if (status.imageID) this.#options.host.images.add(status.image);
    if (this.#isStarted) this.#ready.resolve();
  }

  /**
   * Runs the container until it has ended for good, and gives the exit status.
   * Rejects with the signal's reason when the pod is ended first.
   */
  async supervise(signal: AbortSignal): Promise<number> {
    const restored = this.#state.terminated;
    if (restored && !this.#restartsAfter(restored.exitCode)) return restored.exitCode;
    let isResumed = this.#state.running !== undefined;
    for (;;) {
      const startedMs = this.#options.host.clock.now();
      const exitCode = await this.#once(isResumed, signal);
      isResumed = false;
      if (!this.#restartsAfter(exitCode)) return exitCode;
      if (this.#options.host.clock.now() - startedMs >= RESTART_BACKOFF_RESET_MS) {
        this.#restarts.reset();
      }
      await this.#backOff(signal);
      this.#restartCount++;
    }
  }

  /** Says that the run that is on is being ended; aborting the signal of `supervise` ends it. */
  announceStop(): void {
    this.#event('Normal', 'Killing', `Stopping container ${this.name}`);
  }

  #restartsAfter(exitCode: number): boolean {
    if (this.isSidecar) return true;
    const { restartPolicy } = this.#options.pod.spec;
    if (this.isInit) return exitCode !== 0 && restartPolicy !== 'Never';
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
  }

  async #once(isResumed: boolean, signal: AbortSignal): Promise<number> {
    const { host } = this.#options;
    const program = await this.#pull(signal, isResumed);
    const env = await this.#environment(signal);
    if (!isResumed) {
      this.#event('Normal', 'Created', `Created container: ${this.name}`);
      await sleep(host.clock, host.times.startMs(host.random), signal);
    }
    const run = this.#start(program, env);
    if (!run) return 128;
    if (!isResumed) this.#hasStarted(run);
    const ended = new AbortController();
    const probing = this.#probe(run, isResumed, AbortSignal.any([ended.signal, signal]));
    // SIGTERM, for programs that end by it without a word.
    const onAbort = () => run.stop(143);
    signal.addEventListener('abort', onAbort, { once: true });
    const exitCode = await run.exited;
    signal.removeEventListener('abort', onAbort);
    ended.abort();
    await probing;
    this.#run = undefined;
    this.#terminate(exitCode, this.#state.running?.startedAt ?? this.#now());
    signal.throwIfAborted();
    return exitCode;
  }

  #start(program: Program, env: Readonly<Record<string, string>>): ContainerRun | undefined {
    const { pod, host, network, folders } = this.#options;
    const container = withExpandedCommand(this.#options.container, env);
    this.#previousLog = this.#lastLog;
    try {
      const saved = this.#savedFiles;
      // They belong to the run that was saved, not to those after it.
      this.#savedFiles = undefined;
      this.#run = new ContainerRun({
        pod,
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
      const now = this.#now();
      const times = { startedAt: now, finishedAt: now };
      this.#setState({ terminated: { exitCode: 128, reason: 'StartError', message, ...times } });
      return undefined;
    }
    this.#lastLog = this.#run.log;
    return this.#run;
  }

  #hasStarted(run: ContainerRun): void {
    this.#containerId = run.id;
    this.#event('Normal', 'Started', `Started container ${this.name}`);
    this.#setState({ running: { startedAt: this.#now() } });
  }

  async #pull(signal: AbortSignal, isResumed: boolean): Promise<Program> {
    const { host, container } = this.#options;
    const subject = {
      container,
      host,
      record: (type: Happening['type'], reason: string, message: string) =>
        this.#event(type, reason, message),
      wait: (reason: string, message: string) => this.#setState({ waiting: { reason, message } }),
    };
    const program = isResumed ? programOf(subject) : undefined;
    const found = program ?? (await pullImage(subject, signal));
    this.#imageId = imageId(container.image);
    return found;
  }

  async #environment(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { pod, container, host, network } = this.#options;
    for (;;) {
      try {
        const sources = { client: host.client, pod, podIp: network.ip, hostIp: host.ip };
        return resolveEnvironment(container, sources);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.#event('Warning', 'Failed', `Error: ${error.message}`);
        this.#setState({
          waiting: { reason: 'CreateContainerConfigError', message: error.message },
        });
      }
      await sleep(host.clock, CONFIG_RETRY_MS, signal);
    }
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    // The first restart comes at once; only a container that keeps ending is held back.
    if (this.#restartCount === 0) return;
    const { pod, host } = this.#options;
    const { name, namespace, uid } = pod.metadata;
    const waitMs = this.#restarts.next();
    const place = `${name}_${namespace}(${uid})`;
    const message = `back-off ${goDuration(waitMs)} restarting failed container=${this.name} pod=${place}`;
    this.#event(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${this.name} in pod ${place}`,
    );
    this.#lastState = this.#state;
    this.#setState({ waiting: { reason: 'CrashLoopBackOff', message } });
    await sleep(host.clock, waitMs, signal);
  }

  #probe(run: ContainerRun, isResumed: boolean, signal: AbortSignal): Promise<void> {
    const { container, host, network } = this.#options;
    const from = isResumed
      ? { isStarted: this.#isStarted, isReady: this.#isReady }
      : { isStarted: false, isReady: false };
    const subject = {
      container,
      podIp: network.ip,
      network: host.network,
      clock: host.clock,
      exec: (command: readonly string[], stop: AbortSignal) => runCommand(run, command, stop),
      onStarted: () => this.#setStarted(),
      onReady: (isReady: boolean) => this.#setReady(isReady),
      onFailure: (kind: ProbeKind, message: string) =>
        this.#event('Warning', 'Unhealthy', `${kind} probe failed: ${message}`),
      onUnhealthy: (kind: ProbeKind) => {
        const text = `Container ${this.name} failed ${kind.toLowerCase()} probe, will be restarted`;
        this.#event('Normal', 'Killing', text);
        run.stop(143);
      },
    };
    return runProbes(subject, from, signal);
  }

  #setStarted(): void {
    this.#isStarted = true;
    this.#ready.resolve();
    this.#options.onChange();
  }

  #setReady(isReady: boolean): void {
    this.#isReady = isReady;
    this.#options.onChange();
  }

  #terminate(exitCode: number, startedAt: string): void {
    this.#isStarted = false;
    this.#isReady = this.isInit && !this.isSidecar && exitCode === 0;
    const message = exitCode === 0 ? undefined : this.#terminationMessage();
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message !== undefined && { message }),
      startedAt,
      finishedAt: this.#now(),
      containerID: this.#containerId,
    };
    this.#setState({ terminated });
  }

  /** The end of the log, for containers that ask for it. */
  #terminationMessage(): string | undefined {
    const { container } = this.#options;
    if (container.terminationMessagePolicy !== 'FallbackToLogsOnError') return undefined;
    const lines = this.#lastLog?.read(0).lines.map(({ text }) => text) ?? [];
    return lines.join('\n').slice(-TERMINATION_MESSAGE_LIMIT_BYTES);
  }

  #setState(state: ContainerState): void {
    if (state.running && this.#state.terminated) this.#lastState = this.#state;
    this.#state = state;
    this.#options.onChange();
  }

  #event(type: Happening['type'], reason: string, message: string): void {
    const { host, pod, isInit } = this.#options;
    const fieldPath = `spec.${isInit ? 'initContainers' : 'containers'}{${this.name}}`;
    host.events.record(pod, { type, reason, message, fieldPath });
  }

  #now(): string {
    return timestamp(this.#options.host.clock);
  }
}

/** `command` and `args` with `$(NAME)` filled in. */
function withExpandedCommand(
  container: Container,
  env: Readonly<Record<string, string>>,
): Container {
  const expand = (words: readonly string[]) => words.map((word) => expandReferences(word, env));
  return {
    ...container,
    ...(container.command && { command: expand(container.command) }),
    ...(container.args && { args: expand(container.args) }),
  };
}

async function runCommand(run: ContainerRun, command: readonly string[], signal: AbortSignal) {
  let process: ExecProcess;
  try {
    process = run.exec({ command, isTty: false, hasStdin: false });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { exitCode: 127, output: error.message };
  }
  const onAbort = () => process.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  let output = '';
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  const exitCode = await process.exited;
  signal.removeEventListener('abort', onAbort);
  return { exitCode, output };
}
