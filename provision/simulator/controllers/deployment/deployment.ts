import type { WatchEvent } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { deployments, pods, replicaSets } from '../../kinds/resources.ts';
import { matchesSelector } from '../../kinds/selectors/labels.ts';
import type { Deployment, ReplicaSet } from '../../kinds/types/apps.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { NewCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, namespaceOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { claimObjects, controllerOf, enqueueController, ownedBy, specSelector } from '../owners.ts';
import { isFinished } from '../pods.ts';
import { updateStatus } from '../status.ts';
import type { WorkQueue } from '../work-queue.ts';
import { useCurrentSet } from './current-set.ts';
import {
  DESIRED,
  MAXIMUM,
  maximumReplicas,
  revisionOf,
  type Scaling,
  type Sets,
  sortSets,
} from './replica-sets.ts';
import { isScalingEvent, rollingUpdateStep, scalingStep } from './rollout.ts';
import { deploymentStatus, isComplete, msUntilDeadline, pauseCondition } from './status.ts';

/** Rolls pod templates out by ReplicaSets (Kubernetes documentation, "Deployments"). */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        context.client.watch(deployments, enqueue(queue)),
        context.client.watch(
          replicaSets,
          enqueueController(queue, context.client, deployments, specSelector),
        ),
        context.client.watch(pods, enqueueRecreate(queue, context)),
      ],
    }),
};

/** A Recreate deployment waits for its last old pod to be gone. */
function enqueueRecreate(queue: WorkQueue, { client }: ControllerContext) {
  return ({ type, object }: WatchEvent<Pod>) => {
    if (type !== 'DELETED') return;
    const namespace = namespaceOf(object);
    const set = client.get(replicaSets, controllerOf(object)?.name ?? '', namespace);
    const owner = set && controllerOf(set);
    const deployment = owner && client.get(deployments, owner.name, namespace);
    if (deployment?.spec.strategy.type === 'Recreate') queue.add(`${namespace}/${owner?.name}`);
  };
}

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { client, clock } = context;
  const { namespace, name } = splitKey(key);
  const deployment = client.get(deployments, name, namespace);
  if (!deployment) return;
  if (isSame(deployment.spec.selector, {})) {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    context.events.record(deployment, { type: 'Warning', reason: 'SelectingAll', message });
    return;
  }
  const sets = await ownSets(context, deployment);
  await roll(context, deployment, sets);
  const written = client.get(deployments, name, namespace);
  const waitMs = written && msUntilDeadline(written, clock.now());
  if (waitMs !== undefined) queue.addAfter(key, waitMs);
}

async function ownSets(context: ControllerContext, deployment: Deployment): Promise<Sets> {
  const own = await claimObjects(context.client, {
    resource: replicaSets,
    owner: deployment,
    isWanted: ({ metadata }) => matchesSelector(deployment.spec.selector, metadata.labels),
  });
  return sortSets(deployment, own);
}

/** One pass: whichever move is due, then the status. The next change of a ReplicaSet brings the next pass. */
async function roll(context: ControllerContext, deployment: Deployment, sets: Sets): Promise<void> {
  if (deployment.metadata.deletionTimestamp !== undefined) {
    await writeStatus(context, deployment, { isRollout: false });
    return;
  }
  const pause = pauseCondition(deployment);
  if (pause) {
    await writeStatus(context, deployment, { isRollout: false, news: pause });
    return;
  }
  if (deployment.spec.paused === true || isScalingEvent(deployment, sets)) {
    const { sets: used } = await useCurrentSet(context, deployment, sets, false);
    await scaleAll(context, deployment, scalingStep(deployment, used));
    if (deployment.spec.paused === true) await cleanUp(context, deployment, used);
    await writeStatus(context, deployment, { isRollout: false });
    return;
  }
  const move = deployment.spec.strategy.type === 'Recreate' ? recreate : rollingUpdate;
  const news = await move(context, deployment, sets);
  await writeStatus(context, deployment, { isRollout: true, ...(news && { news }) });
}

async function rollingUpdate(
  context: ControllerContext,
  deployment: Deployment,
  before: Sets,
): Promise<NewCondition | undefined> {
  const { sets, news } = await useCurrentSet(context, deployment, before, true);
  const steps = rollingUpdateStep(deployment, sets);
  await scaleAll(context, deployment, steps);
  if (steps.length === 0) await cleanUpWhenComplete(context, deployment, sets);
  return news;
}

async function recreate(
  context: ControllerContext,
  deployment: Deployment,
  before: Sets,
): Promise<NewCondition | undefined> {
  const { sets: known } = await useCurrentSet(context, deployment, before, false);
  const active = known.old.filter(({ spec }) => spec.replicas > 0);
  if (active.length > 0) {
    await scaleAll(
      context,
      deployment,
      active.map((set) => ({ set, replicas: 0 })),
    );
    return undefined;
  }
  if (hasOldPods(context, deployment, known)) return undefined;
  const { sets, news } = await useCurrentSet(context, deployment, known, true);
  const { replicas } = deployment.spec;
  if (sets.current && sets.current.spec.replicas !== replicas) {
    await scaleAll(context, deployment, [{ set: sets.current, replicas }]);
  }
  await cleanUpWhenComplete(context, deployment, sets);
  return news;
}

function hasOldPods({ client }: ControllerContext, deployment: Deployment, { old }: Sets): boolean {
  const uids = new Set(old.map(({ metadata }) => metadata.uid));
  return client
    .list(pods, { namespace: namespaceOf(deployment) })
    .some((pod) => uids.has(controllerOf(pod)?.uid ?? '') && !isFinished(pod));
}

async function scaleAll(
  context: ControllerContext,
  deployment: Deployment,
  scalings: readonly Scaling[],
): Promise<void> {
  for (const scaling of scalings) await scale(context, deployment, scaling);
}

async function scale(
  { client, events }: ControllerContext,
  deployment: Deployment,
  { set, replicas }: Scaling,
): Promise<void> {
  const { name } = set.metadata;
  const before = set.spec.replicas;
  const annotations = {
    ...set.metadata.annotations,
    [DESIRED]: String(deployment.spec.replicas),
    [MAXIMUM]: String(maximumReplicas(deployment)),
  };
  const isRight = before === replicas && isSame(annotations, set.metadata.annotations);
  if (isRight) return;
  await client.update(replicaSets, {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas },
  });
  if (before === replicas) return;
  const message = `Scaled ${replicas > before ? 'up' : 'down'} replica set ${name} from ${before} to ${replicas}`;
  events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
}

async function cleanUpWhenComplete(
  context: ControllerContext,
  deployment: Deployment,
  sets: Sets,
): Promise<void> {
  const facts = { ...now(context), sets, isRollout: false };
  if (isComplete(deployment, deploymentStatus(deployment, facts))) {
    await cleanUp(context, deployment, sets);
  }
}

/** Forgets the oldest of the empty sets that are kept for `kubectl rollout undo`. */
async function cleanUp(
  { client }: ControllerContext,
  deployment: Deployment,
  { old }: Sets,
): Promise<void> {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const living = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const surplus = living
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, Math.max(0, living.length - limit));
  for (const set of surplus.filter(isEmpty)) {
    await client.delete(replicaSets, targetOf(set), { propagationPolicy: 'Background' });
  }
}

function isEmpty({ spec, status, metadata }: ReplicaSet): boolean {
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return spec.replicas === 0 && status.replicas === 0 && isSeen;
}

async function writeStatus(
  context: ControllerContext,
  deployment: Deployment,
  judgement: { readonly isRollout: boolean; readonly news?: NewCondition },
): Promise<void> {
  const { client } = context;
  await updateStatus(client, deployments, deployment, (latest) => {
    const sets = sortSets(latest, ownedBy(client, replicaSets, latest));
    return deploymentStatus(latest, { ...now(context), sets, ...judgement });
  });
}

function now({ clock }: ControllerContext) {
  return { nowMs: clock.now(), now: timestamp(clock) };
}
