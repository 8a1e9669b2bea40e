import { setImmediate } from 'node:timers/promises';

import type { ClusterClient, WatchEvent } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  storageClasses,
} from '../../kinds/resources.ts';
import type { Node, PersistentVolumeClaim, Pod } from '../../kinds/types/core.ts';
import { withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { keyOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { SCHEDULER_TURN_PODS } from '../limits.ts';
import { isFinished, isTerminating, podCondition } from '../pods.ts';
import { SELECTED_NODE } from '../volumes/local-path.ts';
import type { WorkQueue } from '../work-queue.ts';
import type { Choice } from './choose.ts';
import { chooseNode } from './choose.ts';
import { evict } from './evict.ts';
import { priorityOf } from './preemption.ts';
import { takeSnapshot } from './snapshot.ts';
import { unboundClaims } from './volumes.ts';

const SCHEDULER = 'default-scheduler';
/** All pods that wait are one piece of work: the important ones go first, one at a time. */
const EVERYTHING = 'pods/waiting';

/** Puts pods on nodes (Kubernetes documentation, "Kubernetes Scheduler"). */
export const schedulerController: Controller = {
  name: SCHEDULER,
  start: (context) => {
    const scheduler = new Scheduler(context);
    return runLoop(context, {
      sync: (_key, queue) => scheduler.run(queue),
      watch: (queue) => scheduler.watch(queue),
    });
  },
};

class Scheduler {
  readonly #context: ControllerContext;
  /** Pods to be looked at. */
  readonly #active = new Set<string>();
  /** Pods that fit nowhere, until something changes; with what was looked at of each. */
  readonly #stuck = new Map<string, string>();
  /** Pods that room is being made for. */
  readonly #nominated = new Set<string>();
  /** Of nodes only what decides about pods is looked at: their status changes more often. */
  readonly #nodes = new Map<string, string>();

  constructor(context: ControllerContext) {
    this.#context = context;
  }

  watch(queue: WorkQueue): readonly Disposable[] {
    const { client } = this.#context;
    const retry = () => this.#retry(queue);
    return [
      client.watch(pods, (event) => this.#seePod(queue, event)),
      client.watch(nodes, (event) => {
        if (this.#isNews(event)) retry();
      }),
      client.watch(persistentVolumeClaims, retry),
      client.watch(persistentVolumes, retry),
      client.watch(storageClasses, retry),
    ];
  }

  #seePod(queue: WorkQueue, { type, object }: WatchEvent<Pod>): void {
    const key = keyOf(object);
    if (type !== 'DELETED' && (isWaiting(object) || isGated(object))) {
      // Its own status tells nothing new of a pod that is stuck.
      if (this.#stuck.get(key) === demandsOf(object)) return;
      this.#active.add(key);
      queue.add(EVERYTHING);
      return;
    }
    const hasLeft = type === 'DELETED' || isFinished(object);
    if (hasLeft || !object.spec.nodeName) {
      for (const known of [this.#active, this.#stuck, this.#nominated]) known.delete(key);
    }
    // A pod that has gone or ended leaves room, one that was put on a node by hand may be wanted near.
    if (hasLeft || type === 'ADDED') this.#retry(queue);
  }

  #isNews({ type, object }: WatchEvent<Node>): boolean {
    const { name, labels } = object.metadata;
    const text = JSON.stringify([labels, object.spec, object.status.allocatable]);
    const isNew = type === 'DELETED' || this.#nodes.get(name) !== text;
    if (type === 'DELETED') this.#nodes.delete(name);
    else this.#nodes.set(name, text);
    return isNew;
  }

  #retry(queue: WorkQueue): void {
    if (this.#stuck.size === 0) return;
    for (const key of this.#stuck.keys()) this.#active.add(key);
    queue.add(EVERYTHING);
  }

  /** Looks at every pod that waits. @throws the last error; those it concerns are looked at again */
  async run(queue: WorkQueue): Promise<void> {
    const { client } = this.#context;
    const keys = [...this.#active];
    this.#active.clear();
    const waiting = keys
      .flatMap((key) => find(client, key) ?? [])
      .filter((pod) => isWaiting(pod) || isGated(pod))
      .toSorted((a, b) => priorityOf(b) - priorityOf(a));
    const errors: unknown[] = [];
    for (const [index, known] of waiting.entries()) {
      if (index > 0 && index % SCHEDULER_TURN_PODS === 0) await setImmediate();
      // Others had their turn: the pod may be gone, or on a node.
      const pod = find(client, keyOf(known));
      if (!pod || (!isWaiting(pod) && !isGated(pod))) continue;
      try {
        const isBound = await this.#schedule(pod);
        if (isBound) this.#retrySociable(queue);
      } catch (error) {
        this.#active.add(keyOf(pod));
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  /** A pod on a node may be what others wait to be near, or leave their domains less uneven. */
  #retrySociable(queue: WorkQueue): void {
    for (const key of this.#stuck.keys()) {
      const { affinity, topologySpreadConstraints } = find(this.#context.client, key)?.spec ?? {};
      if (!affinity?.podAffinity && !topologySpreadConstraints) continue;
      this.#active.add(key);
      queue.add(EVERYTHING);
    }
  }

  /** Whether the pod has its node now. */
  async #schedule(pod: Pod): Promise<boolean> {
    const key = keyOf(pod);
    this.#stuck.delete(key);
    if (isGated(pod)) {
      await this.#writeCondition(pod, 'SchedulingGated', GATED);
      return false;
    }
    const snapshot = takeSnapshot(this.#context.client);
    const nominated = [...this.#nominated].flatMap((one) => find(this.#context.client, one) ?? []);
    const choice = chooseNode(pod, snapshot, nominated);
    if (choice.type === 'none') {
      this.#stuck.set(key, demandsOf(pod));
      await this.#refuse(pod, choice);
      return false;
    }
    const unbound = unboundClaims(pod, snapshot);
    if (unbound.length > 0) {
      this.#stuck.set(key, demandsOf(pod));
      for (const claim of unbound) await this.#selectNode(claim, choice.node);
      return false;
    }
    await this.#bind(pod, choice.node);
    return true;
  }

  /** Says where a claim is to have its volume; the pod follows when it is there. */
  async #selectNode({ metadata }: PersistentVolumeClaim, node: string): Promise<void> {
    if (metadata.annotations?.[SELECTED_NODE] === node) return;
    const { name, namespace = 'default', uid } = metadata;
    const patch = { metadata: { uid, annotations: { [SELECTED_NODE]: node } } };
    await this.#context.client.patch(persistentVolumeClaims, { name, namespace }, patch);
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { client, events } = this.#context;
    const { name, namespace = 'default', uid } = pod.metadata;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, uid },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    await client.update(pods, binding, { subresource: 'binding' });
    if (this.#nominated.delete(keyOf(pod))) await nominate(client, pod, null);
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
  }

  async #refuse(pod: Pod, choice: Choice & { readonly type: 'none' }): Promise<void> {
    const { client } = this.#context;
    await this.#tell(pod, choice.message);
    if (choice.nominated === undefined) return;
    this.#nominated.add(keyOf(pod));
    await nominate(client, pod, choice.nominated);
    for (const victim of choice.victims) {
      await evict(this.#context, { victim, by: pod, node: choice.nominated });
    }
  }

  /** Told once: it is looked at again when something changes, not by the clock. */
  async #tell(pod: Pod, message: string): Promise<void> {
    const isNews = await this.#writeCondition(pod, 'Unschedulable', message);
    if (!isNews) return;
    const happening = { type: 'Warning', reason: 'FailedScheduling', message } as const;
    this.#context.events.record(pod, happening);
  }

  /** Says why the pod has no node; false when it says that already. */
  async #writeCondition(pod: Pod, reason: string, message: string): Promise<boolean> {
    const { client, clock } = this.#context;
    const { generation } = pod.metadata;
    const before = pod.status.conditions ?? [];
    const next = { type: 'PodScheduled', status: 'False', reason, message } as const;
    const conditions = withCondition(
      before,
      { ...next, ...(generation !== undefined && { observedGeneration: generation }) },
      timestamp(clock),
    );
    if (isSame(conditions, before)) return false;
    const status = { ...pod.status, conditions };
    await client.update(pods, { ...pod, status }, { subresource: 'status' });
    return true;
  }
}

function find(client: ClusterClient, key: string): Pod | undefined {
  const { namespace, name } = splitKey(key);
  return client.get(pods, name, namespace);
}

function nominate(client: ClusterClient, pod: Pod, node: string | null): Promise<Pod> {
  const { uid } = pod.metadata;
  const patch = { metadata: { uid }, status: { nominatedNodeName: node } };
  return client.patch(pods, targetOf(pod), patch, { subresource: 'status' });
}

function isWaiting(pod: Pod): boolean {
  const { spec } = pod;
  const isOurs = (spec.schedulerName ?? SCHEDULER) === SCHEDULER;
  const isHeld = (spec.schedulingGates ?? []).length > 0;
  return isOurs && !isHeld && !spec.nodeName && !isTerminating(pod) && !isFinished(pod);
}

/** Whether the pod is yet to be told that its gates hold it (Kubernetes documentation, "Pod Scheduling Readiness"). */
function isGated(pod: Pod): boolean {
  const hasGates = (pod.spec.schedulingGates ?? []).length > 0;
  const isTold = podCondition(pod, 'PodScheduled')?.reason === 'SchedulingGated';
  return hasGates && !isTold && !isTerminating(pod);
}

const GATED = 'Scheduling is blocked due to non-empty scheduling gates';

/** What the scheduler looks at in a pod. */
function demandsOf({ metadata }: Pod): string {
  return JSON.stringify([metadata.generation, metadata.labels]);
}
