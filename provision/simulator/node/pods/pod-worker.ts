import { isNotFound } from '../../client/api-error.ts';
import { sleep, timestamp } from '../../clock.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { pods } from '../../kinds/resources.ts';
import type { Container, Pod, Volume } from '../../kinds/types/core.ts';
import type { NetworkInterface } from '../../net/network.ts';
import type { SharedFolder } from '../files/file-tree.ts';
import { newSharedFolder } from '../files/file-tree.ts';
import { CONFIG_RETRY_MS } from '../limits.ts';
import { ConfigError } from './environment.ts';
import type { PodHost } from './host.ts';
import { PodContainer } from './pod-container.ts';
import { podStatus } from './pod-status.ts';
import type { VolumeSources } from './volumes.ts';
import { volumeContent } from './volumes.ts';

/** Runs one pod on its node: from the first look at it until it is gone. */
export class PodWorker {
  readonly #host: PodHost;
  readonly #ended = new AbortController();
  readonly #startTime: string;
  #pod: Pod;
  #network: NetworkInterface | undefined;
  #inits: readonly PodContainer[] = [];
  #mains: readonly PodContainer[] = [];
  #isTerminating = false;
  #written = '';
  #isWriting = false;
  #hasChanged = false;

  constructor(pod: Pod, host: PodHost) {
    this.#pod = pod;
    this.#host = host;
    this.#startTime = pod.status.startTime ?? timestamp(host.clock);
  }

  get pod(): Pod {
    return this.#pod;
  }

  get network(): NetworkInterface | undefined {
    return this.#network;
  }

  get containers(): readonly PodContainer[] {
    return [...this.#inits, ...this.#mains];
  }

  /** Begins; a pod that ran before, in a state this cluster was made from, goes on as it was. */
  start(): void {
    const { phase } = this.#pod.status;
    if (phase === 'Succeeded' || phase === 'Failed') return;
    void this.#live(phase === 'Running').catch((error: unknown) => {
      if (!this.#ended.signal.aborted) this.#fail(error);
    });
  }

  /** Takes in a newer version of the pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp && !this.#isTerminating) void this.#terminate();
  }

  /** The pod is gone from the API: everything ends at once. */
  remove(): void {
    this.#ended.abort(new Error('The pod was removed'));
    for (const container of this.containers) container.run?.stop(137);
    this.#leaveNetwork();
  }

  async #live(isResumed: boolean): Promise<void> {
    const { signal } = this.#ended;
    const status = this.#pod.status;
    this.#network = this.#join(isResumed ? status.podIP : undefined);
    const folders = this.#folders();
    this.#inits = this.#containers(this.#pod.spec.initContainers ?? [], true, folders);
    this.#mains = this.#containers(this.#pod.spec.containers, false, folders);
    if (isResumed) this.#restore();
    this.#written = isResumed ? JSON.stringify(this.#status()) : '';
    this.#changed();
    if (!isResumed) await this.#mountVolumes(signal);
    const sidecars: Promise<number>[] = [];
    for (const init of this.#inits) {
      const running = init.supervise(signal);
      if (init.isSidecar) {
        running.catch(() => undefined);
        sidecars.push(running);
        await Promise.race([init.started, running]);
      } else if ((await running) !== 0) {
        return;
      }
    }
    await Promise.all(this.#mains.map((main) => main.supervise(signal)));
    // Sidecars live as long as the containers they are for (Kubernetes, "Sidecar Containers").
    this.#ended.abort(new Error('The pod has completed'));
    await Promise.allSettled(sidecars);
    this.#leaveNetwork();
    this.#changed();
  }

  #restore(): void {
    const { uid } = this.#pod.metadata;
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod.status;
    const statuses = new Map(
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
    });
  }

  #leaveNetwork(): void {
    if (!this.#network || this.#pod.spec.hostNetwork) return;
    this.#host.addresses.release(this.#network.ip);
    this.#network[Symbol.dispose]();
    this.#network = undefined;
  }

  #containers(
    specs: readonly Container[],
    isInit: boolean,
    folders: ReadonlyMap<string, SharedFolder>,
  ): readonly PodContainer[] {
    const network = this.#network ?? this.#host.network.host;
    const hasInits = (this.#pod.spec.initContainers ?? []).length > 0;
    return specs.map(
      (container) =>
        new PodContainer({
          pod: this.#pod,
          container,
          isInit,
          host: this.#host,
          network,
          folders,
          waitingReason: hasInits ? 'PodInitializing' : 'ContainerCreating',
          onChange: () => this.#changed(),
        }),
    );
  }

  #folders(): ReadonlyMap<string, SharedFolder> {
    const nowMs = this.#host.clock.now();
    const volumes = this.#pod.spec.volumes ?? [];
    return new Map(volumes.map(({ name }) => [name, newSharedFolder(nowMs)]));
  }

  /** Waits until everything the pod's volumes name is there. */
  async #mountVolumes(signal: AbortSignal): Promise<void> {
    const sources = {
      client: this.#host.client,
      pod: this.#pod,
      podIp: this.#network?.ip ?? this.#host.ip,
      hostIp: this.#host.ip,
      serviceAccountToken: () => '',
    };
    for (const volume of this.#pod.spec.volumes ?? []) {
      for (;;) {
        const problem = volumeProblem(volume, sources);
        if (problem === undefined) break;
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`;
        this.#host.events.record(this.#pod, { type: 'Warning', reason: 'FailedMount', message });
        await sleep(this.#host.clock, CONFIG_RETRY_MS, signal);
      }
    }
  }

  async #terminate(): Promise<void> {
    this.#isTerminating = true;
    const { clock, times, random, client } = this.#host;
    const running = this.containers.filter(({ run }) => run);
    for (const container of running) container.announceStop();
    this.#ended.abort(new Error('The pod was deleted'));
    const graceSeconds = this.#pod.metadata.deletionGracePeriodSeconds ?? 30;
    if (running.length > 0) {
      await sleep(clock, Math.min(times.stopMs(random), graceSeconds * 1000));
    }
    this.#leaveNetwork();
    const { name, namespace = 'default', uid } = this.#pod.metadata;
    try {
      await client.delete(pods, { name, namespace }, { gracePeriodSeconds: 0, uid });
    } catch (error) {
      // Somebody forced it out of the way; that is what was wanted.
      if (!isNotFound(error)) throw error;
    }
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#host.events.record(this.#pod, {
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: `Failed to create pod sandbox: ${message}`,
    });
  }

  #status(): JsonObject {
    const facts = {
      pod: this.#pod,
      now: timestamp(this.#host.clock),
      podIp: this.#network?.ip ?? this.#pod.status.podIP,
      hostIp: this.#host.ip,
      startTime: this.#startTime,
      initContainers: this.#inits.map((container) => container.status()),
      containers: this.#mains.map((container) => container.status()),
      isTerminating: this.#isTerminating,
    };
    const plain: JsonObject = JSON.parse(JSON.stringify(podStatus(facts)));
    return plain;
  }

  /** Writes the status, one write at a time; changes in between go into the next. */
  #changed(): void {
    this.#hasChanged = true;
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#write();
  }

  async #write(): Promise<void> {
    // Changes of the same turn, such as started and ready, are one write.
    await Promise.resolve();
    while (this.#hasChanged) {
      this.#hasChanged = false;
      const status = this.#status();
      const text = JSON.stringify(status);
      if (text === this.#written) continue;
      this.#written = text;
      const { name, namespace = 'default' } = this.#pod.metadata;
      try {
        const patch = { metadata: { uid: this.#pod.metadata.uid }, status };
        this.#pod = await this.#host.client.patch(pods, { name, namespace }, patch, {
          subresource: 'status',
        });
      } catch {
        // Gone or being replaced: the watch says so next, and ends this worker.
        this.#hasChanged = false;
      }
    }
    this.#isWriting = false;
  }
}

/** What a volume lacks; undefined when it is complete. */
function volumeProblem(volume: Volume, sources: VolumeSources): string | undefined {
  try {
    volumeContent(volume, sources);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
