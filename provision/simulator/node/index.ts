/** Nodes: kubelets that run pods' containers as programs of ours, and the shells in them. */
import { ApiError } from '../client/api-error.ts';
import type { ClusterClient, WatchEvent } from '../client/client.ts';
import type { Clock } from '../clock.ts';
import { timestamp } from '../clock.ts';
import { EventRecorder } from '../controllers/events.ts';
import type { KubeObject } from '../kinds/object.ts';
import { leases, nodes as nodeResource, pods } from '../kinds/resources.ts';
import type { Node, Pod } from '../kinds/types/core.ts';
import type { Network } from '../net/network.ts';
import type { Program } from '../programs/program.ts';
import type { FileChanges } from './files/changes.ts';
import { KubeletService } from './kubelet-service.ts';
import type { Kubelet } from './kubelet.ts';
import type { LogLine } from './logs/container-log.ts';
import { logKey, type SavedLogs, tailOf } from './logs/saved-logs.ts';
import { addMetricsPages } from './metrics/metrics-pages.ts';
import { nodeMetrics, podMetrics, podUsages } from './metrics/resource-metrics.ts';
import type { NodeSettings } from './node-objects.ts';
import { nodeObject } from './node-objects.ts';
import { LEASE_NAMESPACE, leaseOf, renewedLease, reportedNode } from './node-presence.ts';
import { PodAddresses } from './pods/addresses.ts';
import type { PodHost } from './pods/host.ts';
import type { ContainerTimes } from './pods/images/images.ts';
import { BELIEVABLE_TIMES } from './pods/images/images.ts';
import { PodWorker } from './pods/pod-worker.ts';
import { keepMirrorPods } from './pods/static-pods.ts';
import { Folders } from './pods/volumes/folders.ts';
import { forgetDeletedVolumes } from './pods/volumes/volumes.ts';

export type { Kubelet } from './kubelet.ts';
export type { SavedLogs } from './logs/saved-logs.ts';
export type { NodeSettings } from './node-objects.ts';
export { nodeSettings } from './node-objects.ts';
export type { ContainerTimes } from './pods/images/images.ts';
export { systemObjects } from './system-pods.ts';

export interface NodesOptions {
  readonly client: ClusterClient;
  readonly clock: Clock;
  readonly network: Network;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** What images hold; the first that matches is taken. */
  readonly programs: readonly Program[];
  readonly nodes: readonly NodeSettings[];
  /** How long pulling, starting and stopping take. Default: like a quick real cluster. */
  readonly times?: ContainerTimes;
  /** What `savedFiles()` of an earlier life of the cluster gave. Default: none. */
  readonly savedFiles?: SavedFiles;
  /** What `savedLogs()` of an earlier life of the cluster gave. Default: none. */
  readonly savedLogs?: SavedLogs;
  /** A token for a pod's service account and an audience (empty: the API server). Default: one that nobody accepts. */
  readonly serviceAccountToken?: (pod: Pod, audience: string) => string;
}

/** Changes to containers' files as JSON, by pod uid and container name, and what is in persistent volumes. */
export type SavedFiles = Readonly<Record<string, FileChanges>>;

/** The kubelets of a cluster. Disposing of it ends all containers and writes nothing. */
export interface Nodes extends Kubelet, Disposable {
  /** Settles when the Node objects are registered. */
  readonly registered: Promise<void>;
  /** What commands have changed in containers' files, for the cluster's snapshot. */
  savedFiles(): SavedFiles;
  /** The last lines of containers that have ended, for the cluster's snapshot. */
  savedLogs(): SavedLogs;
  /** What readers are shown in place of stored objects: heartbeats as of now, and what is measured. */
  readonly views: NodeViews;
}

/** Objects as they are at the moment they are read. */
export interface NodeViews {
  readonly node: (node: KubeObject) => KubeObject;
  readonly lease: (lease: KubeObject) => KubeObject;
  /** NodeMetrics of all nodes. */
  readonly nodeMetrics: () => readonly KubeObject[];
  /** PodMetrics of all pods that have run for a while. */
  readonly podMetrics: () => readonly KubeObject[];
}

/**
 * Starts the kubelets of all nodes: they register, then run the pods that are bound to them. Pods that are Running
 * already, in a state the cluster was made from, are taken up as they are: their programs start and nothing is written.
 */
export function startNodes(options: NodesOptions): Nodes {
  return new Cluster(options);
}

class Cluster extends KubeletService implements Nodes {
  readonly registered: Promise<void>;
  readonly views: NodeViews;
  readonly #hosts: ReadonlyMap<string, PodHost>;
  readonly #workers: Map<string, PodWorker>;
  readonly #watch: Disposable;
  readonly #nodeWatch: Disposable;
  readonly #mirrorPods: Disposable;
  readonly #volumeWatch: Disposable;
  readonly #folders: Folders;
  readonly #savedLogs: SavedLogs;

  constructor(options: NodesOptions) {
    const workers = new Map<string, PodWorker>();
    super(options.clock, workers, options.savedLogs);
    this.#savedLogs = options.savedLogs ?? {};
    this.#workers = workers;
    const folders = new Folders(() => options.clock.now(), options.savedFiles);
    this.#folders = folders;
    this.#hosts = new Map(options.nodes.map((node) => [node.name, toHost(node, options, folders)]));
    this.views = this.#makeViews(options);
    addMetricsPages(this.pages, { clock: options.clock, workers: () => workers.values() });
    this.registered = register(options);
    // Addresses first: a new pod must not get one that a pod further down the list has.
    for (const pod of options.client.list(pods)) {
      const { nodeName, hostNetwork } = pod.spec;
      const { podIP } = pod.status;
      if (podIP && !hostNetwork) this.#hosts.get(nodeName ?? '')?.addresses.reserve(podIP);
    }
    // Those that ran before go on at once, without waiting for the watch to tell of them.
    for (const object of options.client.list(pods)) this.#see({ type: 'ADDED', object });
    this.#watch = options.client.watch(pods, (event) => this.#see(event));
    this.#nodeWatch = options.client.watch(nodeResource, (event) => this.#seeNode(event, options));
    this.#mirrorPods = keepMirrorPods(options.client, options.clock);
    this.#volumeWatch = forgetDeletedVolumes(options.client, folders);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#nodeWatch[Symbol.dispose]();
    this.#mirrorPods[Symbol.dispose]();
    this.#volumeWatch[Symbol.dispose]();
    for (const worker of this.#workers.values()) worker.remove();
    this.#workers.clear();
  }

  savedFiles(): SavedFiles {
    const saved: Record<string, FileChanges> = { ...this.#folders.savedFiles() };
    for (const { pod, containers } of this.#workers.values()) {
      for (const container of containers) {
        const changes = container.run?.changedFiles();
        if (changes) saved[`${pod.metadata.uid}/${container.name}`] = changes;
      }
    }
    return saved;
  }

  savedLogs(): SavedLogs {
    const saved: Record<string, readonly LogLine[]> = {};
    for (const { pod, containers } of this.#workers.values()) {
      const { uid } = pod.metadata;
      for (const [key, lines] of Object.entries(this.#savedLogs)) {
        if (key.startsWith(`${uid}/`)) saved[key] = lines;
      }
      for (const { name, log } of containers) {
        if (log?.isClosed) saved[logKey(uid, name)] = tailOf(log);
      }
    }
    return saved;
  }

  #makeViews({ client, clock }: NodesOptions): NodeViews {
    const usages = () => podUsages(this.#workers.values(), clock.now());
    const none: ReadonlySet<string> = new Set();
    const imagesOf = (name: string) => this.#hosts.get(name)?.images ?? none;
    return {
      node: (node) => reportedNode(node, imagesOf(node.metadata.name), clock.now()),
      lease: (lease) => renewedLease(lease, clock.now()),
      nodeMetrics: () => nodeMetrics(client.list(nodeResource), usages(), clock.now()),
      podMetrics: () => podMetrics(usages(), clock.now()),
    };
  }

  /** A Node gets its Lease and, when somebody made it anew without one, the status that its kubelet reports. */
  #seeNode({ type, object }: WatchEvent<Node>, options: NodesOptions): void {
    const node = options.nodes.find(({ name }) => name === object.metadata.name);
    // It may be gone again before it is looked after.
    if (node && type === 'ADDED') lookAfter(node, options).catch(() => undefined);
  }

  #see({ type, object: pod }: WatchEvent<Pod>): void {
    const key = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
    const worker = this.#workers.get(key);
    const isSame = worker?.pod.metadata.uid === pod.metadata.uid;
    if (worker && (type === 'DELETED' || !isSame)) {
      worker.remove();
      this.#workers.delete(key);
    }
    if (type === 'DELETED') return;
    if (worker && isSame) {
      worker.update(pod);
      return;
    }
    const host = this.#hosts.get(pod.spec.nodeName ?? '');
    if (!host) return;
    const started = new PodWorker(pod, host);
    this.#workers.set(key, started);
    if (pod.metadata.deletionTimestamp) started.update(pod);
    else started.start();
  }
}

function toHost(node: NodeSettings, options: NodesOptions, folders: Folders): PodHost {
  const { client, clock, network, random, programs } = options;
  return {
    name: node.name,
    ip: node.ip,
    addresses: new PodAddresses(node.podCidr),
    images: new Set(),
    client,
    clock,
    network,
    random,
    programs,
    times: options.times ?? BELIEVABLE_TIMES,
    events: new EventRecorder({ client, clock, component: 'kubelet', host: node.name }),
    savedFiles: options.savedFiles ?? {},
    folders,
    serviceAccountToken:
      options.serviceAccountToken ??
      ((pod, audience) => `no-token-for-${pod.spec.serviceAccountName ?? 'default'}-${audience}`),
  };
}

async function register(options: NodesOptions): Promise<void> {
  const { client, clock } = options;
  for (const node of options.nodes) {
    if (client.get(nodeResource, node.name)) continue;
    try {
      await client.create(nodeResource, nodeObject(node, timestamp(clock)));
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
    }
  }
}

async function lookAfter(node: NodeSettings, { client, clock }: NodesOptions): Promise<void> {
  const stored = client.get(nodeResource, node.name);
  if (!stored) return;
  if (!stored.status.conditions) {
    const { status } = nodeObject(node, timestamp(clock));
    await client.update(nodeResource, { ...stored, status }, { subresource: 'status' });
  }
  if (client.get(leases, node.name, LEASE_NAMESPACE)) return;
  await client.create(leases, leaseOf(stored, clock.now()));
}
