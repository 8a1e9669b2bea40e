import { daemonSets, nodes, pods } from '../../kinds/resources.ts';
import type { DaemonSet } from '../../kinds/types/apps.ts';
import type { Node, Pod } from '../../kinds/types/core.ts';
import { scaledValue } from '../../kinds/values/int-or-string.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { enqueueController, ownedBy, specSelector } from '../owners.ts';
import {
  claimPods,
  createPod,
  deletePod,
  isActive,
  isAvailable,
  isNamespaceLeaving,
  isReady,
  isTerminating,
  requeueForAvailability,
} from '../pods.ts';
import { hashOf, REVISION_HASH, syncHistory, trimHistory } from '../revisions.ts';
import { updateStatus } from '../status.ts';
import type { WorkQueue } from '../work-queue.ts';
import { daemonSpec, nodeOfDaemon, verdictOn } from './daemon-pods.ts';

/** Keeps one pod on each node that fits (Kubernetes documentation, "DaemonSet"). */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        client.watch(daemonSets, enqueue(queue)),
        client.watch(pods, enqueueController(queue, client, daemonSets, specSelector)),
        client.watch(nodes, () => {
          for (const set of client.list(daemonSets)) queue.add(keyOf(set));
        }),
      ],
    });
  },
};

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { namespace, name } = splitKey(key);
  const set = context.client.get(daemonSets, name, namespace);
  if (!set || isTerminating(set)) return;
  const own = await claimPods(context, set, set.spec.selector);
  try {
    const history = await syncHistory(context, set);
    const hash = hashOf(history.latest);
    await placeDaemons(context, set, { own, hash });
    await replaceOutdated(context, set, hash);
    const used = new Set(
      own.map(({ metadata }) => `${name}-${metadata.labels?.[REVISION_HASH] ?? ''}`),
    );
    await trimHistory(context, set, history, used);
    await updateStatus(context.client, daemonSets, set, (latest) =>
      statusOf(context, latest, hash),
    );
  } catch (error) {
    if (!isNamespaceLeaving(error)) throw error;
  }
  requeueForAvailability(context, set, queue, () =>
    livingOn(context, set, wantedNodes(context, set)),
  );
}

interface Daemons {
  readonly own: readonly Pod[];
  readonly hash: string;
}

/** One living daemon on each node that wants one, none elsewhere. */
async function placeDaemons(
  context: ControllerContext,
  set: DaemonSet,
  { own, hash }: Daemons,
): Promise<void> {
  const all = context.client.list(nodes);
  for (const node of all) {
    const { isWanted, mayStay } = verdictOn(set, node);
    const here = own.filter((pod) => nodeOfDaemon(pod) === node.metadata.name);
    const living = here.filter(isActive);
    await deleteFailed(context, set, here);
    if (!mayStay) {
      for (const pod of living) await deletePod(context, set, pod);
    } else if (isWanted && here.every((pod) => pod.status.phase === 'Failed')) {
      await createDaemon(context, set, { node, hash });
    }
    if (mayStay) {
      for (const pod of surplusOf(set, hash, living)) await deletePod(context, set, pod);
    }
  }
  const names = new Set(all.map(({ metadata }) => metadata.name));
  for (const pod of own.filter(isActive)) {
    if (!names.has(nodeOfDaemon(pod))) await deletePod(context, set, pod);
  }
}

function createDaemon(
  context: ControllerContext,
  set: DaemonSet,
  { node, hash }: { readonly node: Node; readonly hash: string },
): Promise<Pod> {
  return createPod(context, set, set.spec.template, {
    labels: {
      [REVISION_HASH]: hash,
      'pod-template-generation': String(set.metadata.generation ?? 1),
    },
    spec: (spec) => daemonSpec(spec, node.metadata.name),
  });
}

/** All but the oldest of the daemons on one node; while an update surges, of those of either template. */
function surplusOf(set: DaemonSet, hash: string, living: readonly Pod[]): readonly Pod[] {
  const byAge = living.toSorted((a, b) =>
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp),
  );
  if (surgeLimit(set, 100) === 0) return byAge.slice(1);
  const isNew = (pod: Pod) => isOfHash(pod, hash);
  return [...byAge.filter(isNew).slice(1), ...byAge.filter((pod) => !isNew(pod)).slice(1)];
}

async function deleteFailed(
  context: ControllerContext,
  set: DaemonSet,
  here: readonly Pod[],
): Promise<void> {
  for (const pod of here) {
    if (pod.status.phase !== 'Failed' || isTerminating(pod)) continue;
    const message = `Found failed daemon pod ${namespaceOf(pod)}/${pod.metadata.name} on node ${nodeOfDaemon(pod)}, will try to kill it`;
    context.events.record(set, { type: 'Warning', reason: 'FailedDaemonPod', message });
    await deletePod(context, set, pod);
  }
}

/** Replaces daemons of older templates: the new one comes after the old has gone, or before when the update may surge. */
async function replaceOutdated(
  context: ControllerContext,
  set: DaemonSet,
  hash: string,
): Promise<void> {
  if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return;
  const wanted = wantedNodes(context, set);
  const all = livingOn(context, set, wanted);
  const outdated = all.filter((pod) => !isOfHash(pod, hash));
  if (outdated.length === 0) return;
  const surge = surgeLimit(set, wanted.size);
  if (surge > 0) await surgeOver(context, set, { hash, all, outdated, surge });
  else await giveWay(context, set, { wanted, all, outdated });
}

/** How many nodes may have two daemons at a time. */
function surgeLimit({ spec }: DaemonSet, nodeCount: number): number {
  return scaledValue(spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodeCount, 'up') ?? 0;
}

function isOfHash({ metadata }: Pod, hash: string): boolean {
  return metadata.labels?.[REVISION_HASH] === hash;
}

/** Deletes outdated daemons, no more than may be missing at a time; their nodes get new ones in the next pass. */
async function giveWay(
  context: ControllerContext,
  set: DaemonSet,
  {
    wanted,
    all,
    outdated,
  }: {
    readonly wanted: ReadonlySet<string>;
    readonly all: readonly Pod[];
    readonly outdated: readonly Pod[];
  },
): Promise<void> {
  const { maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const limit = scaledValue(maxUnavailable, wanted.size, 'up') ?? 1;
  const available = all.filter((pod) => isAvailable(context, set, pod));
  const broken = outdated.filter((pod) => !available.includes(pod));
  const room = Math.max(0, Math.max(1, limit) - (wanted.size - available.length));
  const spare = outdated.filter((pod) => available.includes(pod)).slice(0, room);
  for (const pod of [...broken, ...spare]) await deletePod(context, set, pod);
}

/** Puts new daemons beside the outdated ones, and deletes those whose successor is available. */
async function surgeOver(
  context: ControllerContext,
  set: DaemonSet,
  {
    hash,
    all,
    outdated,
    surge,
  }: {
    readonly hash: string;
    readonly all: readonly Pod[];
    readonly outdated: readonly Pod[];
    readonly surge: number;
  },
): Promise<void> {
  const { client } = context;
  const successors = new Map(
    all.filter((pod) => isOfHash(pod, hash)).map((pod) => [nodeOfDaemon(pod), pod]),
  );
  const starting = outdated.filter((pod) => {
    const successor = successors.get(nodeOfDaemon(pod));
    return successor && !isAvailable(context, set, successor);
  });
  let room = surge - starting.length;
  for (const pod of outdated) {
    const name = nodeOfDaemon(pod);
    const successor = successors.get(name);
    if (successor) {
      if (isAvailable(context, set, successor)) await deletePod(context, set, pod);
      continue;
    }
    const node = client.get(nodes, name);
    if (!node || room <= 0) continue;
    // A daemon that does no work is no reason to wait.
    if (isAvailable(context, set, pod)) room--;
    await createDaemon(context, set, { node, hash });
  }
}

function wantedNodes({ client }: ControllerContext, set: DaemonSet): ReadonlySet<string> {
  const wanted = client.list(nodes).filter((node) => verdictOn(set, node).isWanted);
  return new Set(wanted.map(({ metadata }) => metadata.name));
}

function livingOn(
  { client }: ControllerContext,
  set: DaemonSet,
  names: ReadonlySet<string>,
): readonly Pod[] {
  return ownedBy(client, pods, set).filter((pod) => isActive(pod) && names.has(nodeOfDaemon(pod)));
}

function statusOf(context: ControllerContext, set: DaemonSet, hash: string) {
  const { client } = context;
  const wanted = wantedNodes(context, set);
  const all = new Set(client.list(nodes).map((node) => node.metadata.name));
  const here = livingOn(context, set, wanted);
  const available = countNodes(here.filter((pod) => isAvailable(context, set, pod)));
  const updated = countNodes(here.filter((pod) => isOfHash(pod, hash)));
  const unavailable = wanted.size - available;
  return {
    currentNumberScheduled: countNodes(here),
    numberMisscheduled: countNodes(livingOn(context, set, all.difference(wanted))),
    desiredNumberScheduled: wanted.size,
    numberReady: countNodes(here.filter(isReady)),
    observedGeneration: set.metadata.generation ?? 1,
    ...(updated > 0 && { updatedNumberScheduled: updated }),
    ...(available > 0 && { numberAvailable: available }),
    ...(unavailable > 0 && { numberUnavailable: unavailable }),
  };
}

function countNodes(some: readonly Pod[]): number {
  return new Set(some.map(nodeOfDaemon)).size;
}
