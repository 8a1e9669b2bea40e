import type { Resource } from '../../client/client.ts';
import { timestamp } from '../../clock.ts';
import type { Labels } from '../../kinds/object.ts';
import { pods, replicaSets, replicationControllers } from '../../kinds/resources.ts';
import type { LabelSelector, ReplicaSet, ReplicationController } from '../../kinds/types/apps.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { withCondition, withoutCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, namespaceOf, runLoop, splitKey } from '../controller.ts';
import { POD_BURST_LIMIT } from '../limits.ts';
import { controllerOf, enqueueController, ownedBy } from '../owners.ts';
import {
  claimPods,
  createPod,
  deletePod,
  isActive,
  isAvailable,
  isNamespaceLeaving,
  isReady,
  requeueForAvailability,
} from '../pods.ts';
import { updateStatus } from '../status.ts';
import type { WorkQueue } from '../work-queue.ts';
import { inOrderOfDeletion } from './scale-down.ts';

/** Keeps as many pods of a template as are wanted (Kubernetes documentation, "ReplicaSet"). */
export const replicaSetController = replicaController('replicaset-controller', replicaSets);

/** Does the same for the older kind (Kubernetes documentation, "ReplicationController"). */
export const replicationController = replicaController(
  'replication-controller',
  replicationControllers,
);

/** Either kind: they differ in the form of their selectors. */
type Replicas = ReplicaSet | ReplicationController;

function replicaController<T extends Replicas>(name: string, resource: Resource<T>): Controller {
  return {
    name,
    start: (context) =>
      runLoop(context, {
        sync: (key, queue) => sync(context, resource, { key, queue }),
        watch: (queue) => [
          context.client.watch(resource, enqueue(queue)),
          context.client.watch(
            pods,
            enqueueController(queue, context.client, resource, selectorOf),
          ),
        ],
      }),
  };
}

function selectorOf({ kind, spec }: Replicas): LabelSelector {
  const { selector = {} } = spec;
  return kind === 'ReplicaSet' ? selector : { matchLabels: labelsOf(selector) };
}

function labelsOf(selector: object): Labels {
  return Object.fromEntries(Object.entries(selector).map(([key, value]) => [key, String(value)]));
}

async function sync<T extends Replicas>(
  context: ControllerContext,
  resource: Resource<T>,
  { key, queue }: { readonly key: string; readonly queue: WorkQueue },
): Promise<void> {
  const { namespace, name } = splitKey(key);
  const set = context.client.get(resource, name, namespace);
  if (!set) return;
  const active = (await claimPods(context, set, selectorOf(set))).filter(isActive);
  const difference = active.length - set.spec.replicas;
  let refusal: Refusal | undefined;
  if (set.metadata.deletionTimestamp === undefined) {
    refusal = await manage(context, set, active);
  }
  await updateStatus(context.client, resource, set, (latest) =>
    statusOf(context, latest, { difference, refusal }),
  );
  requeueForAvailability(context, set, queue, () => activePods(context, set));
  if (refusal && !isNamespaceLeaving(refusal.error)) throw refusal.error;
}

/** The API server's answer that stopped the work. */
interface Refusal {
  readonly error: unknown;
}

async function manage(
  context: ControllerContext,
  set: Replicas,
  active: readonly Pod[],
): Promise<Refusal | undefined> {
  try {
    const missing = Math.min(set.spec.replicas - active.length, POD_BURST_LIMIT);
    // The first refusal ends the pass: the same would happen to the rest.
    for (let made = 0; made < missing; made++) await createPod(context, set, set.spec.template);
    if (missing >= 0) return undefined;
    const relatives = relativesOf(context, set);
    const candidates = inOrderOfDeletion(active, relatives, context.clock.now());
    for (const pod of candidates.slice(0, Math.min(-missing, POD_BURST_LIMIT))) {
      await deletePod(context, set, pod);
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Active pods of all sets with the same controller: those of one Deployment. */
function relativesOf({ client }: ControllerContext, set: Replicas): readonly Pod[] {
  const namespace = namespaceOf(set);
  const controller = controllerOf(set)?.uid;
  const siblings = client
    .list(replicaSets, { namespace })
    .filter((other) => controller !== undefined && controllerOf(other)?.uid === controller);
  const uids = new Set([set, ...siblings].map(({ metadata }) => metadata.uid));
  return client
    .list(pods, { namespace })
    .filter((pod) => isActive(pod) && uids.has(controllerOf(pod)?.uid ?? ''));
}

interface Outcome {
  /** Pods too many (positive) or missing (negative) before the pass. */
  readonly difference: number;
  readonly refusal: Refusal | undefined;
}

function statusOf(context: ControllerContext, set: Replicas, outcome: Outcome) {
  const own = activePods(context, set);
  const { labels = {} } = set.spec.template.metadata ?? {};
  const fullyLabeled = own.filter(({ metadata }) =>
    Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
  ).length;
  const ready = own.filter(isReady).length;
  const available = own.filter((pod) => isAvailable(context, set, pod)).length;
  const conditions = conditionsOf(context, set, outcome);
  return {
    replicas: own.length,
    ...(fullyLabeled > 0 && { fullyLabeledReplicas: fullyLabeled }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    observedGeneration: set.metadata.generation ?? 1,
    ...(conditions.length > 0 && { conditions }),
  };
}

function conditionsOf(
  { clock }: ControllerContext,
  { status }: Replicas,
  { difference, refusal }: Outcome,
) {
  const conditions = status.conditions ?? [];
  if (!refusal) return withoutCondition(conditions, 'ReplicaFailure');
  const { error } = refusal;
  const reason = difference < 0 ? 'FailedCreate' : 'FailedDelete';
  // The message names another pod each time: to follow it would be a change that brings the set back at once.
  const isKnown = conditions.some((one) => one.type === 'ReplicaFailure' && one.reason === reason);
  if (isKnown) return conditions;
  const failure = {
    type: 'ReplicaFailure',
    status: 'True',
    reason,
    message: error instanceof Error ? error.message : String(error),
  } as const;
  return withCondition(conditions, failure, timestamp(clock));
}

function activePods({ client }: ControllerContext, set: Replicas): readonly Pod[] {
  return ownedBy(client, pods, set).filter(isActive);
}
