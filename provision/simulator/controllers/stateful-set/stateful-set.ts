import { pods, statefulSets } from '../../kinds/resources.ts';
import type { StatefulSet } from '../../kinds/types/apps.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { enqueueController, ownedBy, specSelector } from '../owners.ts';
import {
  claimPods,
  createPod,
  deletePod,
  isActive,
  isAvailable,
  isFinished,
  isNamespaceLeaving,
  isReady,
  isTerminating,
  requeueForAvailability,
} from '../pods.ts';
import { REVISION_HASH, syncHistory, trimHistory } from '../revisions.ts';
import { updateStatus } from '../status.ts';
import type { WorkQueue } from '../work-queue.ts';
import { createClaims, giveClaimsTo, ownClaims } from './claims.ts';
import {
  isOfRevision,
  ordinalOf,
  ordinalsOf,
  podName,
  revisionFor,
  type Revisions,
  templateFor,
} from './stateful-pods.ts';

/** Keeps pods with stable names, one after the other (Kubernetes documentation, "StatefulSets"). */
export const statefulSetController: Controller = {
  name: 'statefulset-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        context.client.watch(statefulSets, enqueue(queue)),
        context.client.watch(
          pods,
          enqueueController(queue, context.client, statefulSets, specSelector),
        ),
      ],
    }),
};

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { namespace, name } = splitKey(key);
  const set = context.client.get(statefulSets, name, namespace);
  if (!set || isTerminating(set)) return;
  const own = await claimPods(context, set, set.spec.selector);
  try {
    const history = await syncHistory(context, set);
    const { all, latest } = history;
    const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision);
    const revisions: Revisions = { current: current ?? latest, update: latest };
    await move(context, set, { own, revisions });
    await ownClaims(context, set);
    const used = new Set(own.map(({ metadata }) => metadata.labels?.[REVISION_HASH] ?? ''));
    await trimHistory(context, set, history, used.add(revisions.current.metadata.name));
    await updateStatus(context.client, statefulSets, set, (present) =>
      statusOf(context, present, revisions),
    );
  } catch (error) {
    if (!isNamespaceLeaving(error)) throw error;
  }
  requeueForAvailability(context, set, queue, () => livingPods(context, set));
}

interface Situation {
  readonly own: readonly Pod[];
  readonly revisions: Revisions;
}

/** As far as the order allows: fill the ordinals, give up what is beyond them, replace what is outdated. */
async function move(
  context: ControllerContext,
  set: StatefulSet,
  situation: Situation,
): Promise<void> {
  if (!(await fill(context, set, situation))) return;
  if (!(await shrink(context, set, situation.own))) return;
  await replaceOutdated(context, set, situation);
}

function isOrdered({ spec }: StatefulSet): boolean {
  return spec.podManagementPolicy !== 'Parallel';
}

/** Whether every ordinal is filled well enough to go on. */
async function fill(
  context: ControllerContext,
  set: StatefulSet,
  { own, revisions }: Situation,
): Promise<boolean> {
  for (const ordinal of ordinalsOf(set)) {
    const pod = own.find(({ metadata }) => metadata.name === podName(set, ordinal));
    if (!pod) {
      await createOrdinal(context, set, revisions, ordinal);
      if (isOrdered(set)) return false;
      continue;
    }
    if (isFinished(pod) && !isTerminating(pod)) {
      const message = `StatefulSet ${namespaceOf(set)}/${set.metadata.name} is recreating ${pod.status.phase === 'Failed' ? 'failed' : 'terminated'} Pod ${pod.metadata.name}`;
      context.events.record(set, { type: 'Warning', reason: 'RecreatingFailedPod', message });
      await deletePod(context, set, pod, deletionText(set, pod));
      if (isOrdered(set)) return false;
      continue;
    }
    const isSettled = isActive(pod) && isAvailable(context, set, pod);
    if (!isSettled && isOrdered(set)) return false;
  }
  return true;
}

async function createOrdinal(
  context: ControllerContext,
  set: StatefulSet,
  revisions: Revisions,
  ordinal: number,
): Promise<void> {
  await createClaims(context, set, ordinal);
  const revision = revisionFor(set, revisions, ordinal);
  const name = podName(set, ordinal);
  await createPod(context, set, templateFor(set, revision, ordinal), {
    name,
    labels: {
      [REVISION_HASH]: revision.metadata.name,
      'apps.kubernetes.io/pod-index': String(ordinal),
      'statefulset.kubernetes.io/pod-name': name,
    },
    message: `create Pod ${name} in StatefulSet ${set.metadata.name} successful`,
    failure: `create Pod ${name} in StatefulSet ${set.metadata.name} failed error`,
  });
}

/** Whether nothing is left beyond the wanted ordinals. */
async function shrink(
  context: ControllerContext,
  set: StatefulSet,
  own: readonly Pod[],
): Promise<boolean> {
  const wanted = new Set(ordinalsOf(set));
  const condemned = own
    .filter((pod) => !wanted.has(ordinalOf(set, pod)))
    .toSorted((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  for (const pod of condemned) {
    await giveClaimsTo(context, set, pod);
    if (!isTerminating(pod)) await deletePod(context, set, pod, deletionText(set, pod));
    if (isOrdered(set)) return false;
  }
  return true;
}

/** From the highest ordinal down to the partition, each when the one before is well again. */
async function replaceOutdated(
  context: ControllerContext,
  set: StatefulSet,
  { own, revisions }: Situation,
): Promise<void> {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return;
  const partition = (set.spec.ordinals?.start ?? 0) + (rollingUpdate?.partition ?? 0);
  for (const ordinal of ordinalsOf(set).toReversed()) {
    if (ordinal < partition) return;
    const pod = own.find(({ metadata }) => metadata.name === podName(set, ordinal));
    if (!pod) return;
    if (!isOfRevision(pod, revisions.update) && !isTerminating(pod)) {
      await deletePod(context, set, pod, deletionText(set, pod));
      return;
    }
    if (!isActive(pod) || !isAvailable(context, set, pod)) return;
  }
}

function deletionText({ metadata }: StatefulSet, pod: Pod): string {
  return `delete Pod ${pod.metadata.name} in StatefulSet ${metadata.name} successful`;
}

function statusOf(
  context: ControllerContext,
  set: StatefulSet,
  { current, update }: Revisions,
): NonNullable<StatefulSet['status']> {
  const living = livingPods(context, set);
  const ready = living.filter((pod) => isReady(pod)).length;
  const staying = living.filter((pod) => !isTerminating(pod));
  const updated = staying.filter((pod) => isOfRevision(pod, update)).length;
  const isRolledOut =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    updated === living.length &&
    ready === living.length &&
    living.length === set.spec.replicas;
  const base = isRolledOut ? update : current;
  const currentCount = staying.filter((pod) => isOfRevision(pod, base)).length;
  const available = living.filter((pod) => isAvailable(context, set, pod)).length;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: living.length,
    ...(ready > 0 && { readyReplicas: ready }),
    ...(currentCount > 0 && { currentReplicas: currentCount }),
    ...(updated > 0 && { updatedReplicas: updated }),
    availableReplicas: available,
    currentRevision: base.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}

function livingPods({ client }: ControllerContext, set: StatefulSet): readonly Pod[] {
  return ownedBy(client, pods, set).filter((pod) => !isFinished(pod));
}
