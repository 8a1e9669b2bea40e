import type { ClusterClient } from '../client/client.ts';
import { timestamp } from '../clock.ts';
import { scaledValue } from '../kinds/int-or-string.ts';
import { matchesSelector } from '../kinds/labels.ts';
import { deployments, replicaSets } from '../kinds/resources.ts';
import type { Deployment, ReplicaSet } from '../kinds/types/apps.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { deploymentStatus } from './deployment-status.ts';
import { controllerOf, isControlledBy, ownedBy } from './pods.ts';
import { isSame } from './replica-set.ts';
import { templateHash } from './template-hash.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const HASH = 'pod-template-hash';

/** Rolls pod templates out by ReplicaSets (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/). */
export const deploymentController: Controller = {
  name: 'deployment',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(client.watch(deployments, ({ object }) => queue.add(keyOf(object))));
    stack.use(
      client.watch(replicaSets, ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'Deployment')
          queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
      }),
    );
    return stack;
  },
};

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const deployment = client.get(deployments, name, namespace);
  if (!deployment || deployment.metadata.deletionTimestamp) return;
  const hash = templateHash(deployment.spec.template);
  const own = () => setsOf(client, deployment);
  let current = own().find((set) => isSame(templateOf(set), deployment.spec.template));
  if (!deployment.spec.paused) {
    current = await useCurrent(context, deployment, { hash, current });
    await roll(context, deployment, current);
    await cleanUp(client, deployment, current);
  }
  await writeStatus(context, deployment, current);
}

/** The Deployment's ReplicaSets, oldest revision first; orphans that fit are taken in. */
function setsOf(client: ClusterClient, deployment: Deployment): readonly ReplicaSet[] {
  return client
    .list(replicaSets, { namespace: deployment.metadata.namespace ?? 'default' })
    .filter(
      (set) =>
        isControlledBy(set, deployment) &&
        matchesSelector(deployment.spec.selector, set.spec.template.metadata?.labels),
    )
    .toSorted((a, b) => revisionOf(a) - revisionOf(b));
}

function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

/** The ReplicaSet's template as the Deployment wrote it: without the label that tells sets apart. */
function templateOf({ spec }: ReplicaSet): unknown {
  const { [HASH]: _hash, ...labels } = spec.template.metadata?.labels ?? {};
  return { ...spec.template, metadata: { ...spec.template.metadata, labels } };
}

/** Makes the ReplicaSet of the current template, or gives an older one that has it the newest revision. */
async function useCurrent(
  { client, events }: ControllerContext,
  deployment: Deployment,
  { hash, current }: { readonly hash: string; readonly current: ReplicaSet | undefined },
): Promise<ReplicaSet> {
  const { name, namespace = 'default' } = deployment.metadata;
  const newest = Math.max(0, ...setsOf(client, deployment).map(revisionOf));
  const revision = String(current && revisionOf(current) === newest ? newest : newest + 1);
  await annotate(client, deployment, revision);
  if (current) {
    if (current.metadata.annotations?.[REVISION] === revision) return current;
    const target = { name: current.metadata.name, namespace };
    return client.patch(replicaSets, target, {
      metadata: { annotations: { [REVISION]: revision } },
    });
  }
  const { selector, template, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [HASH]: hash };
  const desired = String(deployment.spec.replicas);
  const created = await client.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: {
        [REVISION]: revision,
        'deployment.kubernetes.io/desired-replicas': desired,
        'deployment.kubernetes.io/max-replicas': String(
          deployment.spec.replicas + limits(deployment).surge,
        ),
      },
      ownerReferences: ownedBy(deployment),
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds !== undefined && minReadySeconds > 0 && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  });
  const wanted = initialReplicas(deployment, setsOf(client, deployment));
  await scaleTo({ client, events }, deployment, { set: created, replicas: wanted });
  return client.get(replicaSets, created.metadata.name, namespace) ?? created;
}

async function annotate(
  client: ClusterClient,
  { metadata }: Deployment,
  revision: string,
): Promise<void> {
  if (metadata.annotations?.[REVISION] === revision) return;
  const target = { name: metadata.name, namespace: metadata.namespace ?? 'default' };
  await client.patch(deployments, target, { metadata: { annotations: { [REVISION]: revision } } });
}

/** How far a rolling update may go over and under. At least one of the two is more than nothing. */
function limits({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  if (spec.strategy.type === 'Recreate') return { surge: 0, unavailable: spec.replicas };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, spec.replicas, 'up') ?? 0;
  const unavailable = scaledValue(maxUnavailable, spec.replicas, 'down') ?? 0;
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function initialReplicas(deployment: Deployment, sets: readonly ReplicaSet[]): number {
  const running = sets.reduce((sum, set) => sum + set.spec.replicas, 0);
  if (deployment.spec.strategy.type === 'Recreate')
    return running === 0 ? deployment.spec.replicas : 0;
  const room = deployment.spec.replicas + limits(deployment).surge - running;
  return Math.max(0, Math.min(deployment.spec.replicas, room));
}

/** One round of the roll-out: the new set up as far as there is room, the old ones down as far as enough stay available. */
async function roll(
  { client, events }: ControllerContext,
  deployment: Deployment,
  current: ReplicaSet,
): Promise<void> {
  const sets = setsOf(client, deployment);
  const old = sets.filter(
    (set) => set.metadata.uid !== current.metadata.uid && set.spec.replicas > 0,
  );
  const wanted = deployment.spec.replicas;
  const oldTotal = old.reduce((sum, set) => sum + set.spec.replicas, 0);
  const { surge, unavailable } = limits(deployment);
  const isRecreate = deployment.spec.strategy.type === 'Recreate';
  const oldPods = old.reduce((sum, set) => sum + set.status.replicas, 0);
  const room = isRecreate ? (oldTotal + oldPods === 0 ? wanted : 0) : wanted + surge - oldTotal;
  const next =
    current.spec.replicas > wanted
      ? wanted
      : Math.max(current.spec.replicas, Math.min(wanted, room));
  await scaleTo({ client, events }, deployment, { set: current, replicas: next });
  const available = sets.reduce((sum, set) => sum + (set.status.availableReplicas ?? 0), 0);
  // Pods of old sets that are not available anyway can always go.
  const broken = old.reduce(
    (sum, set) => sum + set.spec.replicas - (set.status.availableReplicas ?? 0),
    0,
  );
  let spare = isRecreate ? oldTotal : Math.max(0, available - (wanted - unavailable)) + broken;
  for (const set of old) {
    const down = Math.min(set.spec.replicas, spare);
    spare -= down;
    if (down > 0)
      await scaleTo({ client, events }, deployment, { set, replicas: set.spec.replicas - down });
  }
}

async function scaleTo(
  { client, events }: Pick<ControllerContext, 'client' | 'events'>,
  deployment: Deployment,
  { set, replicas }: { readonly set: ReplicaSet; readonly replicas: number },
): Promise<void> {
  if (set.spec.replicas === replicas) return;
  const { name, namespace = 'default' } = set.metadata;
  await client.patch(replicaSets, { name, namespace }, { spec: { replicas } });
  const direction = replicas > set.spec.replicas ? 'up' : 'down';
  events.record(deployment, {
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${name} from ${set.spec.replicas} to ${replicas}`,
  });
}

/** Old, empty ReplicaSets beyond the history that is kept for `rollout undo`. */
async function cleanUp(
  client: ClusterClient,
  deployment: Deployment,
  current: ReplicaSet,
): Promise<void> {
  const kept = deployment.spec.revisionHistoryLimit ?? 10;
  const old = setsOf(client, deployment).filter(
    (set) =>
      set.metadata.uid !== current.metadata.uid &&
      set.spec.replicas === 0 &&
      set.status.replicas === 0,
  );
  for (const { metadata } of old.slice(0, Math.max(0, old.length - kept))) {
    await client.delete(replicaSets, {
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
    });
  }
}

async function writeStatus(
  { client, clock }: ControllerContext,
  { metadata }: Deployment,
  current: ReplicaSet | undefined,
): Promise<void> {
  const { name, namespace = 'default' } = metadata;
  const deployment = client.get(deployments, name, namespace);
  if (!deployment) return;
  const newest = current && client.get(replicaSets, current.metadata.name, namespace);
  const status = deploymentStatus(deployment, {
    sets: setsOf(client, deployment),
    current: newest,
    now: timestamp(clock),
  });
  if (isSame(status, deployment.status)) return;
  await client.update(deployments, { ...deployment, status }, { subresource: 'status' });
}
