import type { Deployment, ReplicaSet } from '../../kinds/types/apps.ts';
import { scaledValue } from '../../kinds/values/int-or-string.ts';
import { isSameTemplate } from '../template-hash.ts';

/** Annotations of Deployments and their ReplicaSets. */
export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED = 'deployment.kubernetes.io/desired-replicas';
export const MAXIMUM = 'deployment.kubernetes.io/max-replicas';

/** The label that keeps the pods of a Deployment's ReplicaSets apart. */
export const HASH = 'pod-template-hash';

/** A Deployment's ReplicaSets. */
export interface Sets {
  /** The one with the Deployment's present template. */
  readonly current: ReplicaSet | undefined;
  /** All others, oldest first. */
  readonly old: readonly ReplicaSet[];
}

/** One ReplicaSet and the number of replicas it is to have. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** Tells the set of the present template from the others; the oldest counts when two have it. */
export function sortSets({ spec }: Deployment, sets: readonly ReplicaSet[]): Sets {
  const byAge = sets.toSorted(compareAge);
  const current = byAge.find((set) => isSameTemplate(templateOf(set), withoutHash(spec.template)));
  return { current, old: byAge.filter((set) => set !== current) };
}

export function allSets({ current, old }: Sets): readonly ReplicaSet[] {
  return current ? [...old, current] : old;
}

export function compareAge(a: ReplicaSet, b: ReplicaSet): number {
  return (
    a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) ||
    a.metadata.name.localeCompare(b.metadata.name)
  );
}

export function revisionOf({ metadata }: ReplicaSet | Deployment): number {
  return Number(metadata.annotations?.[REVISION] ?? 0) || 0;
}

/** The set's template as the Deployment wrote it. */
function templateOf({ spec }: ReplicaSet): unknown {
  return withoutHash(spec.template);
}

function withoutHash(template: ReplicaSet['spec']['template']) {
  const { [HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** Wanted replicas of all sets together. */
export function specReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { spec }) => sum + spec.replicas, 0);
}

/** How many of the pods of all sets together the status counts. */
export function statusReplicas(
  sets: readonly ReplicaSet[],
  count: 'replicas' | 'readyReplicas' | 'availableReplicas',
): number {
  return sets.reduce((sum, { status }) => sum + (status[count] ?? 0), 0);
}

/** How far a rolling update may go beyond and below the wanted number (upstream: ResolveFenceposts). */
export interface Fenceposts {
  readonly surge: number;
  readonly unavailable: number;
}

export function fenceposts({ spec }: Deployment): Fenceposts {
  if (spec.strategy.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, spec.replicas, 'up') ?? 0;
  const unavailable = Math.min(
    scaledValue(maxUnavailable, spec.replicas, 'down') ?? 0,
    spec.replicas,
  );
  // Percentages of a small number may both come to nothing, and then the rollout could never move.
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** The most pods a Deployment may have. */
export function maximumReplicas(deployment: Deployment): number {
  return deployment.spec.replicas + fenceposts(deployment).surge;
}
