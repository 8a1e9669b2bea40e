import { isNotFound } from '../../client/api-error.ts';
import { sleep, timestamp } from '../../clock.ts';
import { pods, secrets } from '../../kinds/resources.ts';
import type { Container, ContainerStatus, Pod } from '../../kinds/types/core.ts';
import type { NetworkInterface } from '../../net/network.ts';
import { resolverOf } from '../cluster-dns.ts';
import type { SharedFolder } from '../files/file-tree.ts';
import { newSharedFolder } from '../files/file-tree.ts';
import { CONFIG_RETRY_MS } from '../limits.ts';
import { whyNotAdmitted } from './admission.ts';
import { PodContainer, type PodContainerOptions } from './containers/pod-container.ts';
import type { PodHost } from './host.ts';
import { PodDeadline } from './pod-deadline.ts';
import { PodResize } from './pod-resize.ts';
import { podStatus, type Verdict } from './pod-status.ts';
import { StatusWriter } from './status-writer.ts';
import { mountProblem } from './volumes/mount-problem.ts';
import { podAddress, resolverFile } from './volumes/pod-files.ts';

/** Runs one pod on its node: from the first look at it until it is gone. */
export class PodWorker {
  readonly #host: PodHost;
  readonly #gone = new AbortController();
  readonly #startTime: string;
  readonly #status: StatusWriter;
  readonly #deadline: PodDeadline;
  readonly #resize: PodResize;
  #pod: Pod;
  #network: NetworkInterface | undefined;
  #inits: readonly PodContainer[] = [];
  #mains: readonly PodContainer[] = [];
  #ephemerals: readonly PodContainer[] = [];
  #folders: ReadonlyMap<string, SharedFolder> = new Map();
  /** Set when the node ends the pod or will not have it. */
  #verdict: Verdict | undefined;
  #isEnding = false;

  constructor(pod: Pod, host: PodHost) {
    this.#pod = pod;
    this.#host = host;
    this.#startTime = pod.status.startTime ?? timestamp(host.clock);
    this.#status = new StatusWriter(host.client, {
      pod: () => this.#pod,
      status: () => this.#podStatus(),
      onWritten: (written) => {
        this.#pod = written;
      },
    });
    this.#deadline = new PodDeadline(host, (verdict) => {
      this.#evict(verdict).catch((error: unknown) => this.#failToEnd(error));
    });
    this.#resize = new PodResize(host, () => this.containers);
  }

  get pod(): Pod {
    return this.#pod;
  }

  get network(): NetworkInterface | undefined {
    return this.#network;
  }

  get containers(): readonly PodContainer[] {
    return [...this.#inits, ...this.#mains, ...this.#ephemerals];
  }

  /** Begins; a pod that ran before, in a state this cluster was made from, goes on as it was. */
  start(): void {
    const { phase } = this.#pod.status;
    if (phase === 'Succeeded' || phase === 'Failed') return;
    const isResumed = phase === 'Running';
    this.#verdict = isResumed ? undefined : whyNotAdmitted(this.#pod, this.#host);
    if (this.#verdict) {
      this.#isEnding = true;
      this.#status.write();
      return;
    }
    void this.#live(isResumed).catch((error: unknown) => {
      if (!this.#isEnding && !this.#gone.signal.aborted) this.#failSandbox(error);
    });
  }

  /** Takes in a newer version of the pod. */
  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp) {
      this.#terminate().catch((error: unknown) => this.#failToEnd(error));
      return;
    }
    if (this.#isEnding || !this.#network) return;
    this.#deadline.watch(pod, this.#startTime);
    this.#changeImages(before);
    if (this.#resize.see(pod)) this.#status.write();
    this.#startEphemerals();
  }

  /** The pod is gone from the API: everything ends at once. */
  remove(): void {
    this.#isEnding = true;
    this.#deadline[Symbol.dispose]();
    this.#gone.abort(new Error('The pod was removed'));
    for (const container of this.containers) container.run?.stop(137);
    this.#leaveNetwork();
  }

  /** The one thing that may change in a container besides its resources. */
  #changeImages({ spec: { containers, initContainers = [] } }: Pod): void {
    const { spec } = this.#pod;
    const known = new Map([...containers, ...initContainers].map((one) => [one.name, one.image]));
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      if (known.get(container.name) === container.image) continue;
      const reason = `Container ${container.name} definition changed, will be restarted`;
      this.containers.find(({ name }) => name === container.name)?.change(container, reason);
    }
  }

  async #live(isResumed: boolean): Promise<void> {
    const { signal } = this.#gone;
    const { spec, status } = this.#pod;
    this.#network = this.#join(isResumed ? status.podIP : undefined);
    this.#folders = this.#newFolders();
    this.#inits = (spec.initContainers ?? []).map((one) => this.#container(one, 'init'));
    this.#mains = spec.containers.map((one) => this.#container(one, 'main'));
    this.#resize.see(this.#pod);
    if (isResumed) this.#restore();
    this.#status.start(isResumed);
    this.#deadline.watch(this.#pod, this.#startTime);
    if (!isResumed) {
      this.#tellOfSecrets();
      await this.#mountVolumes(signal);
    }
    const sidecars: Promise<unknown>[] = [];
    const isReady = await this.#runInits(sidecars);
    if (!isReady) {
      await this.#complete(sidecars);
      return;
    }
    this.#startEphemerals();
    await Promise.all(this.#mains.map((main) => main.supervise(signal)));
    await this.#complete(sidecars);
  }

  /** Whether all have done their part; sidecars are left running. */
  async #runInits(sidecars: Promise<unknown>[]): Promise<boolean> {
    for (const init of this.#inits) {
      const running = init.supervise(this.#gone.signal);
      if (init.isSidecar) {
        running.catch(() => undefined);
        sidecars.push(running);
        await Promise.race([init.started, running]);
      } else if ((await running) !== 0) {
        return false;
      }
    }
    return true;
  }

  /** Sidecars live as long as the containers they are for (Kubernetes documentation, "Sidecar Containers"). */
  async #complete(sidecars: readonly Promise<unknown>[]): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#deadline[Symbol.dispose]();
    await this.#endSidecars(this.#graceMs());
    await Promise.allSettled([...sidecars, ...this.#ephemerals.map((one) => one.end(0))]);
    this.#leaveNetwork();
    this.#status.write();
  }

  async #endSidecars(graceMs: number): Promise<void> {
    for (const init of this.#inits.toReversed()) await init.end(graceMs);
  }

  #restore(): void {
    const { uid } = this.#pod.metadata;
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod.status;
    const statuses = new Map<string, ContainerStatus>(
      [...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status]),
    );
    for (const container of this.containers) {
      const status = statuses.get(container.name);
      if (status) container.restore(status, this.#host.savedFiles[`${uid}/${container.name}`]);
    }
  }

  /** Gives the pod its place on the network; on the host's network it has the node's address and nothing of its own. */
  #join(ip: string | undefined): NetworkInterface {
    const { addresses, network } = this.#host;
    const { metadata, spec } = this.#pod;
    if (spec.hostNetwork) return network.host;
    if (ip !== undefined) addresses.reserve(ip);
    return network.attach({
      ip: ip ?? addresses.allot(),
      namespace: metadata.namespace ?? 'default',
      podName: metadata.name,
      resolver: resolverOf(this.#pod, resolverFile(this.#pod)),
    });
  }

  #leaveNetwork(): void {
    if (!this.#network || this.#pod.spec.hostNetwork) return;
    this.#host.addresses.release(this.#network.ip);
    this.#network[Symbol.dispose]();
    this.#network = undefined;
  }

  #container(container: Container, kind: PodContainerOptions['kind']): PodContainer {
    const hasInits = (this.#pod.spec.initContainers ?? []).length > 0;
    return new PodContainer({
      pod: () => this.#pod,
      container,
      kind,
      host: this.#host,
      network: this.#network ?? this.#host.network.host,
      folders: this.#folders,
      waitingReason: hasInits && kind !== 'ephemeral' ? 'PodInitializing' : 'ContainerCreating',
      onChange: () => this.#status.write(),
    });
  }

  /** Starts what `kubectl debug` has added (Kubernetes documentation, "Ephemeral Containers"). */
  #startEphemerals(): void {
    const known = new Set(this.#ephemerals.map(({ name }) => name));
    const isUp = this.#mains.some(({ run }) => run) || known.size > 0;
    const added = (this.#pod.spec.ephemeralContainers ?? []).filter(({ name }) => !known.has(name));
    if (added.length === 0 || (!isUp && !this.#pod.status.phase)) return;
    const started = added.map((one) => this.#container(one, 'ephemeral'));
    const { ephemeralContainerStatuses = [] } = this.#pod.status;
    for (const container of started) {
      const status = ephemeralContainerStatuses.find(({ name }) => name === container.name);
      if (status) container.restore(status);
    }
    this.#ephemerals = [...this.#ephemerals, ...started];
    for (const container of started) container.supervise(this.#gone.signal).catch(() => undefined);
    this.#status.write();
  }

  #newFolders(): ReadonlyMap<string, SharedFolder> {
    const nowMs = this.#host.clock.now();
    const volumes = this.#pod.spec.volumes ?? [];
    return new Map(volumes.map(({ name }) => [name, newSharedFolder(nowMs)]));
  }

  /** Secrets for registries that are not there; pulling is tried all the same. */
  #tellOfSecrets(): void {
    const { metadata, spec } = this.#pod;
    const { client, events } = this.#host;
    const missing = (spec.imagePullSecrets ?? [])
      .map(({ name = '' }) => name)
      .filter((name) => !client.get(secrets, name, metadata.namespace));
    if (missing.length === 0) return;
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
    const reason = 'FailedToRetrieveImagePullSecret';
    events.record(this.#pod, { type: 'Warning', reason, message });
  }

  /** Waits until everything the pod's volumes name is there. */
  async #mountVolumes(signal: AbortSignal): Promise<void> {
    for (const { name } of this.#pod.spec.volumes ?? []) {
      for (;;) {
        const volume = this.#pod.spec.volumes?.find((one) => one.name === name);
        const podIp = podAddress(this.#pod, this.#host, this.#network?.ip ?? this.#host.ip);
        const message = volume && mountProblem(volume, { pod: this.#pod, host: this.#host, podIp });
        if (message === undefined || this.#isEnding) break;
        this.#host.events.record(this.#pod, { type: 'Warning', reason: 'FailedMount', message });
        await sleep(this.#host.clock, CONFIG_RETRY_MS, signal);
      }
    }
  }

  #graceMs(): number {
    const { metadata, spec } = this.#pod;
    const { deletionGracePeriodSeconds, deletionTimestamp } = metadata;
    const seconds = deletionTimestamp ? deletionGracePeriodSeconds : undefined;
    return (seconds ?? spec.terminationGracePeriodSeconds ?? 30) * 1_000;
  }

  /** Ends the containers, sidecars after those they are for and in the reverse of their order. */
  async #endAll(graceMs: number): Promise<void> {
    const startMs = this.#host.clock.now();
    const others = [
      ...this.#mains,
      ...this.#ephemerals,
      ...this.#inits.filter((one) => !one.isSidecar),
    ];
    await Promise.all(others.map((container) => container.end(graceMs)));
    await this.#endSidecars(Math.max(0, startMs + graceMs - this.#host.clock.now()));
    this.#deadline[Symbol.dispose]();
  }

  /** The node ends the pod; the object stays. */
  async #evict(verdict: Verdict): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#verdict = verdict;
    this.#status.write();
    await this.#endAll(this.#graceMs());
    this.#leaveNetwork();
    this.#status.write();
  }

  async #terminate(): Promise<void> {
    const wasEnding = this.#isEnding;
    this.#isEnding = true;
    const ending = this.#endAll(this.#graceMs());
    // A second, shorter deletion only shortens the first.
    if (wasEnding && this.containers.some(({ run }) => run)) {
      await ending;
      return;
    }
    await ending;
    this.#gone.abort(new Error('The pod was deleted'));
    this.#leaveNetwork();
    await this.#status.flush();
    const { name, namespace = 'default', uid } = this.#pod.metadata;
    try {
      await this.#host.client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, uid });
    } catch (error) {
      // Somebody forced it out of the way; that is what was wanted.
      if (!isNotFound(error)) throw error;
    }
  }

  #failToEnd(error: unknown): void {
    const message = `error killing pod: ${error instanceof Error ? error.message : String(error)}`;
    this.#host.events.record(this.#pod, { type: 'Warning', reason: 'FailedKillPod', message });
  }

  #failSandbox(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#host.events.record(this.#pod, {
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: `Failed to create pod sandbox: ${message}`,
    });
  }

  #podStatus() {
    return podStatus({
      pod: this.#pod,
      now: timestamp(this.#host.clock),
      podIp: this.#network
        ? podAddress(this.#pod, this.#host, this.#network.ip)
        : this.#pod.status.podIP,
      hostIp: this.#host.ip,
      startTime: this.#startTime,
      hasSandbox: this.#network !== undefined && !this.#gone.signal.aborted,
      initContainers: this.#inits.map((container) => container.status()),
      containers: this.#mains.map((container) => container.status()),
      ephemeralContainers: this.#ephemerals.map((container) => container.status()),
      isTerminating: this.#isEnding,
      verdict: this.#verdict,
      resize: this.#resize.condition,
    });
  }
}
