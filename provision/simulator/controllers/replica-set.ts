import type { ClusterClient } from '../client/client.ts';
import { matchesSelector } from '../kinds/labels.ts';
import { pods, replicaSets } from '../kinds/resources.ts';
import type { ReplicaSet } from '../kinds/types/apps.ts';
import type { Pod } from '../kinds/types/core.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { controllerOf, isActive, isControlledBy, isReady, ownedBy } from './pods.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

/** Pods made or deleted in one go at the most, as upstream's burst. */
const BURST = 500;

/** Keeps as many pods of a template as are wanted (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/). */
export const replicaSetController: Controller = {
  name: 'replicaset',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(client.watch(replicaSets, ({ object }) => queue.add(keyOf(object))));
    stack.use(
      client.watch(pods, ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'ReplicaSet')
          queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
      }),
    );
    return stack;
  },
};

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const set = client.get(replicaSets, name, namespace);
  if (!set) return;
  const owned = await adopt(client, set);
  const active = owned.filter(isActive);
  let refusal: Error | undefined;
  if (!set.metadata.deletionTimestamp) {
    try {
      await scale(context, set, active);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      refusal = error;
      context.events.record(set, {
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${error.message}`,
      });
    }
  }
  await writeStatus(client, set, refusal);
  if (refusal) throw refusal;
}

/** The set's pods; those that fit and have no controller become its own. */
async function adopt(client: ClusterClient, set: ReplicaSet): Promise<readonly Pod[]> {
  const namespace = set.metadata.namespace ?? 'default';
  const matching = client
    .list(pods, { namespace })
    .filter((pod) => matchesSelector(set.spec.selector, pod.metadata.labels));
  for (const pod of matching) {
    if (controllerOf(pod) || pod.metadata.deletionTimestamp || set.metadata.deletionTimestamp)
      continue;
    await client.patch(
      pods,
      { name: pod.metadata.name, namespace },
      { metadata: { ownerReferences: ownedBy(set) } },
    );
  }
  return client.list(pods, { namespace }).filter((pod) => isControlledBy(pod, set));
}

async function scale(
  context: ControllerContext,
  set: ReplicaSet,
  active: readonly Pod[],
): Promise<void> {
  const missing = set.spec.replicas - active.length;
  if (missing > 0) {
    for (let index = 0; index < Math.min(missing, BURST); index++) await createPod(context, set);
  }
  for (const pod of inOrderOfDeletion(active).slice(0, Math.max(0, -missing)))
    await deletePod(context, set, pod);
}

async function createPod({ client, events }: ControllerContext, set: ReplicaSet): Promise<void> {
  const { metadata, spec } = set.spec.template;
  const pod = await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? 'default',
      ownerReferences: ownedBy(set),
    },
    spec,
  });
  events.record(set, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${pod.metadata.name}`,
  });
}

async function deletePod(
  { client, events }: ControllerContext,
  set: ReplicaSet,
  pod: Pod,
): Promise<void> {
  const { name, namespace = 'default' } = pod.metadata;
  await client.delete(pods, { name, namespace }, { uid: pod.metadata.uid });
  events.record(set, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Deleted pod: ${name}`,
  });
}

/** Who goes first: not assigned, not running, not ready, then the youngest. */
export function inOrderOfDeletion(active: readonly Pod[]): readonly Pod[] {
  const rank = (pod: Pod) =>
    (pod.spec.nodeName ? 4 : 0) + (pod.status.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 1 : 0);
  return active.toSorted(
    (a, b) =>
      rank(a) - rank(b) || b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp),
  );
}

async function writeStatus(
  client: ClusterClient,
  set: ReplicaSet,
  refusal: Error | undefined,
): Promise<void> {
  const { name, namespace = 'default' } = set.metadata;
  const current = client.get(replicaSets, name, namespace);
  if (!current) return;
  const active = client
    .list(pods, { namespace })
    .filter((pod) => isControlledBy(pod, set) && isActive(pod));
  const ready = active.filter(isReady).length;
  const status = {
    replicas: active.length,
    ...(active.length > 0 && { fullyLabeledReplicas: active.length }),
    ...(ready > 0 && { readyReplicas: ready, availableReplicas: ready }),
    ...(refusal && {
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True' as const,
          reason: 'FailedCreate',
          message: refusal.message,
        },
      ],
    }),
    observedGeneration: current.metadata.generation ?? 1,
  };
  if (isSame(status, current.status)) return;
  await client.update(replicaSets, { ...current, status }, { subresource: 'status' });
}

/** Whether two pieces of JSON say the same, whatever the order of their keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
