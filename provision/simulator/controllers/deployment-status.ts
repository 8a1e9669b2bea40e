import type { Deployment, ReplicaSet } from '../kinds/types/apps.ts';
import type { Condition } from '../kinds/types/core.ts';

/** What a Deployment's status is worked out from. */
export interface DeploymentFacts {
  readonly sets: readonly ReplicaSet[];
  /** The set of the current template. */
  readonly current: ReplicaSet | undefined;
  readonly now: string;
}

/** The status that the deployment controller writes, conditions in upstream's words. */
export function deploymentStatus(
  deployment: Deployment,
  facts: DeploymentFacts,
): Deployment['status'] {
  const { sets, current } = facts;
  const total = sum(sets, ({ status }) => status.replicas);
  const ready = sum(sets, ({ status }) => status.readyReplicas ?? 0);
  const available = sum(sets, ({ status }) => status.availableReplicas ?? 0);
  const updated = current?.status.replicas ?? 0;
  const unavailable = Math.max(0, total - available);
  return {
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(total > 0 && { replicas: total }),
    ...(updated > 0 && { updatedReplicas: updated }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    ...(unavailable > 0 && { unavailableReplicas: unavailable }),
    conditions: conditions(deployment, facts, { available, updated, total }),
  };
}

interface Counts {
  readonly available: number;
  readonly updated: number;
  readonly total: number;
}

function conditions(
  deployment: Deployment,
  facts: DeploymentFacts,
  counts: Counts,
): readonly Condition[] {
  const old = deployment.status.conditions ?? [];
  const wanted = [availability(deployment, counts), progress(deployment, facts, counts)];
  const merged = wanted.map((condition) => merge(condition, old, facts.now));
  // What was first stays first, as upstream appends.
  const order = old.map(({ type }) => type);
  return merged.toSorted((a, b) => place(order, a.type) - place(order, b.type));
}

function place(order: readonly string[], type: string): number {
  const index = order.indexOf(type);
  return index < 0 ? order.length : index;
}

type Wanted = Required<Pick<Condition, 'type' | 'status' | 'reason' | 'message'>>;

function availability({ spec }: Deployment, { available }: Counts): Wanted {
  const type = 'Available';
  // A quarter may be missing while it still counts as available, by the default strategy.
  const isEnough = available >= spec.replicas - Math.floor(spec.replicas / 4);
  return isEnough
    ? {
        type,
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type,
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progress(
  { metadata, spec }: Deployment,
  { current }: DeploymentFacts,
  counts: Counts,
): Wanted {
  const type = 'Progressing';
  if (spec.paused)
    return { type, status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  const isComplete =
    counts.updated === spec.replicas &&
    counts.total === spec.replicas &&
    counts.available === spec.replicas;
  if (isComplete && current) {
    const message = `ReplicaSet "${current.metadata.name}" has successfully progressed.`;
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message };
  }
  const message = current
    ? `ReplicaSet "${current.metadata.name}" is progressing.`
    : `Deployment "${metadata.name}" is progressing.`;
  return { type, status: 'True', reason: 'ReplicaSetUpdated', message };
}

/** Times move only when something has: the transition's with the status, the update's with any word. */
function merge(wanted: Wanted, old: readonly Condition[], now: string): Condition {
  const before = old.find(({ type }) => type === wanted.type);
  if (
    before &&
    before.status === wanted.status &&
    before.reason === wanted.reason &&
    before.message === wanted.message
  ) {
    return before;
  }
  const isTurned = before?.status !== wanted.status;
  return {
    ...wanted,
    lastUpdateTime: now,
    lastTransitionTime: isTurned ? now : (before?.lastTransitionTime ?? now),
  };
}

function sum(sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number {
  return sets.reduce((total, set) => total + count(set), 0);
}
