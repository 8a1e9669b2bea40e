import { ApiError } from '../../client/api-error.ts';
import { isSame } from '../../kinds/json.ts';
import { deployments, replicaSets } from '../../kinds/resources.ts';
import type { Deployment, ReplicaSet } from '../../kinds/types/apps.ts';
import type { NewCondition } from '../conditions.ts';
import { type ControllerContext, namespaceOf, targetOf } from '../controller.ts';
import { controllerReference, isControlledBy } from '../owners.ts';
import { templateHash } from '../template-hash.ts';
import {
  DESIRED,
  HASH,
  MAXIMUM,
  maximumReplicas,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
  type Sets,
  sortSets,
} from './replica-sets.ts';
import { currentReplicas } from './rollout.ts';
import { progressing } from './status.ts';

/** A Deployment's annotations that its sets do not take over. */
const OWN_ANNOTATIONS = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAXIMUM,
]);

/** What looking after the current ReplicaSet came to. */
export interface CurrentSet {
  readonly sets: Sets;
  /** To be said in the status. */
  readonly news?: NewCondition;
}

/**
 * Sees to it that the set of the present template exists (if `mayCreate`), has the newest revision, and that the
 * Deployment says so (upstream: getNewReplicaSet).
 * @throws ApiError when the set is refused
 */
export async function useCurrentSet(
  context: ControllerContext,
  deployment: Deployment,
  sets: Sets,
  mayCreate: boolean,
): Promise<CurrentSet> {
  const { client } = context;
  const { current, old } = sets;
  const newest = Math.max(0, ...old.map(revisionOf)) + 1;
  if (!current) {
    return mayCreate ? createSet(context, deployment, sets, String(newest)) : { sets };
  }
  const annotations = annotationsOf(deployment, current, newest);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const isRight =
    isSame(annotations, current.metadata.annotations ?? {}) &&
    (current.spec.minReadySeconds ?? 0) === minReadySeconds;
  const used = isRight
    ? current
    : await client.update(replicaSets, {
        ...current,
        metadata: { ...current.metadata, annotations },
        spec: { ...current.spec, minReadySeconds },
      });
  await writeRevision(context, deployment, annotations[REVISION] ?? '');
  const hasProgressing = deployment.status.conditions?.some(({ type }) => type === 'Progressing');
  const message = `Found new replica set "${current.metadata.name}"`;
  return {
    sets: { current: used, old },
    ...(!hasProgressing && { news: progressing('True', 'FoundNewReplicaSet', message) }),
  };
}

/** The set's annotations: those of the Deployment, and its revision with the ones it had before. */
function annotationsOf(
  deployment: Deployment,
  { metadata }: ReplicaSet,
  newest: number,
): Readonly<Record<string, string>> {
  const own = metadata.annotations ?? {};
  const taken = { ...own, ...inherited(deployment) };
  const revision = Number(own[REVISION] ?? 0) || 0;
  if (revision >= newest) return taken;
  const history = (own[REVISION_HISTORY] ?? '').split(',').filter((entry) => entry !== '');
  const longer = revision > 0 ? [...history, String(revision)] : history;
  return {
    ...taken,
    [REVISION]: String(newest),
    ...(longer.length > 0 && { [REVISION_HISTORY]: longer.join(',') }),
  };
}

function inherited({ metadata }: Deployment): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !OWN_ANNOTATIONS.has(key)));
}

async function createSet(
  context: ControllerContext,
  deployment: Deployment,
  { old }: Sets,
  revision: string,
): Promise<CurrentSet> {
  const { client, events } = context;
  const hash = templateHash(deployment.spec.template, deployment.status.collisionCount);
  const replicas = currentReplicas(deployment, 0, old);
  const created = await createOrFind(
    context,
    deployment,
    newSet(deployment, { hash, replicas, revision }),
  );
  if (created === 'collision') {
    await countCollision(context, deployment);
    return { sets: { current: undefined, old } };
  }
  if (replicas > 0) {
    const message = `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`;
    events.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message });
  }
  await writeRevision({ client }, deployment, revision);
  const message = `Created new replica set "${created.metadata.name}"`;
  return {
    sets: { current: created, old },
    news: progressing('True', 'NewReplicaSetCreated', message),
  };
}

interface NewSet {
  readonly hash: string;
  readonly replicas: number;
  readonly revision: string;
}

function newSet(deployment: Deployment, { hash, replicas, revision }: NewSet) {
  const { selector, template, minReadySeconds = 0 } = deployment.spec;
  const labels = { ...template.metadata?.labels, [HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: namespaceOf(deployment),
      labels,
      annotations: {
        ...inherited(deployment),
        [DESIRED]: String(deployment.spec.replicas),
        [MAXIMUM]: String(maximumReplicas(deployment)),
        [REVISION]: revision,
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds > 0 && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

async function createOrFind(
  { client, events }: ControllerContext,
  deployment: Deployment,
  set: ReturnType<typeof newSet>,
): Promise<ReplicaSet | 'collision'> {
  try {
    return await client.create(replicaSets, set);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.reason !== 'AlreadyExists') {
      const message = `Failed to create new replica set "${set.metadata.name}": ${error.message}`;
      events.record(deployment, { type: 'Warning', reason: 'ReplicaSetCreateError', message });
      throw error;
    }
  }
  const existing = client.get(replicaSets, set.metadata.name, set.metadata.namespace);
  const isOwn = existing && isControlledBy(existing, deployment);
  return isOwn && sortSets(deployment, [existing]).current ? existing : 'collision';
}

/** Another template has the same hash: the next attempt takes another one. */
async function countCollision(
  { client }: ControllerContext,
  deployment: Deployment,
): Promise<void> {
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
  const status = { ...deployment.status, collisionCount };
  await client.update(deployments, { ...deployment, status }, { subresource: 'status' });
}

async function writeRevision(
  { client }: Pick<ControllerContext, 'client'>,
  deployment: Deployment,
  revision: string,
): Promise<void> {
  if (deployment.metadata.annotations?.[REVISION] === revision) return;
  const annotations = { [REVISION]: revision };
  await client.patch(deployments, targetOf(deployment), { metadata: { annotations } });
}
