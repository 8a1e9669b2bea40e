import { scaledValue } from '../../kinds/int-or-string.ts';
import { daemonSets, nodes, pods } from '../../kinds/resources.ts';
import type { DaemonSet } from '../../kinds/types/apps.ts';
import type { Node, Pod } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, keyOf, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { enqueueController, ownedBy } from '../owners.ts';
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

/** Keeps one pod on each node that fits (Kubernetes documentation, "DaemonSet"). Rolling updates replace, they do not surge. */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  start: (context) => {
    const { client } = context;
    return runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        client.watch(daemonSets, enqueue(queue)),
        client.watch(pods, enqueueController(queue, client, daemonSets)),
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
  const own = await claimPods(context, set);
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
    if (mayStay) for (const pod of surplusOf(living)) await deletePod(context, set, pod);
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

/** All but the oldest of the daemons on one node. */
function surplusOf(living: readonly Pod[]): readonly Pod[] {
  return living
    .toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp))
    .slice(1);
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

/** Deletes daemons of older templates, no more than may be missing at a time; their nodes get new ones in the next pass. */
async function replaceOutdated(
  context: ControllerContext,
  set: DaemonSet,
  hash: string,
): Promise<void> {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return;
  const wanted = wantedNodes(context, set);
  const all = livingOn(context, set, wanted);
  const outdated = all.filter((pod) => pod.metadata.labels?.[REVISION_HASH] !== hash);
  if (outdated.length === 0) return;
  const limit = scaledValue(rollingUpdate?.maxUnavailable ?? 1, wanted.size, 'up') ?? 1;
  const available = all.filter((pod) => isAvailable(context, set, pod));
  const broken = outdated.filter((pod) => !available.includes(pod));
  const room = Math.max(0, Math.max(1, limit) - (wanted.size - available.length));
  const spare = outdated.filter((pod) => available.includes(pod)).slice(0, room);
  for (const pod of [...broken, ...spare]) await deletePod(context, set, pod);
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
  const updated = countNodes(here.filter((pod) => pod.metadata.labels?.[REVISION_HASH] === hash));
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
