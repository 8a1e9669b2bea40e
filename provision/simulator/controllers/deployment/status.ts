import type { Deployment } from '../../kinds/types/apps.ts';
import type { Condition } from '../../kinds/types/core.ts';
import {
  findCondition,
  type NewCondition,
  replaceCondition,
  withoutCondition,
} from '../conditions.ts';
import { allSets, fenceposts, type Sets, specReplicas, statusReplicas } from './replica-sets.ts';

/** "No deadline", as upstream has it: the greatest int32. */
const NO_DEADLINE = 2 ** 31 - 1;
const AVAILABLE = 'NewReplicaSetAvailable';
const TIMED_OUT = 'ProgressDeadlineExceeded';

export interface StatusFacts {
  readonly sets: Sets;
  readonly nowMs: number;
  /** RFC 3339. */
  readonly now: string;
  /** Something about the current ReplicaSet that counts as progress: it was made or found. */
  readonly news?: NewCondition;
  /** False while paused or being scaled: progress is not judged then. */
  readonly isRollout: boolean;
}

type Status = Deployment['status'];

/** The status of a Deployment with upstream's conditions, reasons and messages (pkg/controller/deployment, progress.go). */
export function deploymentStatus(deployment: Deployment, facts: StatusFacts): Status {
  const counts = countsOf(deployment, facts.sets);
  const withAvailable = setCondition(
    deployment.status.conditions ?? [],
    availability(deployment, counts),
    facts.now,
  );
  const conditions = judgeProgress(deployment, counts, withAvailable, facts);
  return { ...counts, ...(conditions.length > 0 && { conditions }) };
}

/** Milliseconds until the progress deadline is to be looked at; undefined when there is none to wait for. */
export function msUntilDeadline(deployment: Deployment, nowMs: number): number | undefined {
  const { progressDeadlineSeconds: seconds = NO_DEADLINE, paused } = deployment.spec;
  const progress = findCondition(deployment.status.conditions, 'Progressing');
  if (seconds === NO_DEADLINE || paused || !progress) return undefined;
  if (isComplete(deployment, deployment.status) || progress.reason === TIMED_OUT) return undefined;
  const since = Date.parse(progress.lastUpdateTime ?? '');
  return Number.isNaN(since) ? undefined : Math.max(1_000, since + seconds * 1_000 - nowMs + 1_000);
}

/** Whether every wanted pod is of the present template and available, and nothing else is left. */
export function isComplete({ spec, metadata }: Deployment, status: Status): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
}

/** The condition that says whether a rollout is held; undefined when what is written there is right. */
export function pauseCondition({ spec, status }: Deployment): NewCondition | undefined {
  if ((spec.progressDeadlineSeconds ?? NO_DEADLINE) === NO_DEADLINE) return undefined;
  const reason = findCondition(status.conditions, 'Progressing')?.reason;
  if (reason === TIMED_OUT) return undefined;
  const isPaused = reason === 'DeploymentPaused';
  if (spec.paused === true && !isPaused) {
    return progressing('Unknown', 'DeploymentPaused', 'Deployment is paused');
  }
  if (spec.paused !== true && isPaused) {
    return progressing('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  }
  return undefined;
}

export function progressing(
  status: Condition['status'],
  reason: string,
  message: string,
): NewCondition {
  return { type: 'Progressing', status, reason, message };
}

/** A condition replaces another only when its status or its reason is new (upstream: SetDeploymentCondition). */
function setCondition(
  conditions: readonly Condition[],
  next: NewCondition,
  now: string,
): readonly Condition[] {
  const old = findCondition(conditions, next.type);
  if (old?.status === next.status && old.reason === next.reason) return conditions;
  return refreshCondition(conditions, next, now);
}

function refreshCondition(
  conditions: readonly Condition[],
  next: NewCondition,
  now: string,
): readonly Condition[] {
  const old = findCondition(conditions, next.type);
  const isTurned = old?.status !== next.status;
  const lastTransitionTime = isTurned ? now : (old.lastTransitionTime ?? now);
  return replaceCondition(conditions, { ...next, lastUpdateTime: now, lastTransitionTime });
}

function countsOf({ metadata, status }: Deployment, sets: Sets): Status {
  const all = allSets(sets);
  const replicas = statusReplicas(all, 'replicas');
  const updated = sets.current?.status.replicas ?? 0;
  const ready = statusReplicas(all, 'readyReplicas');
  const available = statusReplicas(all, 'availableReplicas');
  const unavailable = Math.max(0, specReplicas(all) - available);
  const { collisionCount } = status;
  return {
    observedGeneration: metadata.generation ?? 1,
    ...(replicas > 0 && { replicas }),
    ...(updated > 0 && { updatedReplicas: updated }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    ...(unavailable > 0 && { unavailableReplicas: unavailable }),
    ...(collisionCount !== undefined && { collisionCount }),
  };
}

function availability(deployment: Deployment, { availableReplicas = 0 }: Status): NewCondition {
  const type = 'Available';
  const minimum = deployment.spec.replicas - fenceposts(deployment).unavailable;
  return availableReplicas >= minimum
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

function judgeProgress(
  deployment: Deployment,
  counts: Status,
  before: readonly Condition[],
  facts: StatusFacts,
): readonly Condition[] {
  const { now, news, isRollout, sets } = facts;
  const noted = news ? setCondition(before, news, now) : before;
  if (!isRollout) return noted;
  const hasDeadline = (deployment.spec.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;
  const judged = hasDeadline
    ? withProgress(deployment, counts, noted, facts)
    : withoutCondition(noted, 'Progressing');
  const failure = allSets(sets)
    .flatMap(({ status }) => status.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  return failure
    ? setCondition(judged, failureOf(failure), now)
    : withoutCondition(judged, 'ReplicaFailure');
}

function failureOf({ type, status, reason = '', message = '' }: Condition): NewCondition {
  return { type, status, reason, message };
}

function withProgress(
  deployment: Deployment,
  counts: Status,
  conditions: readonly Condition[],
  { sets, now, nowMs }: StatusFacts,
): readonly Condition[] {
  const known = findCondition(conditions, 'Progressing');
  const isDone = (counts.replicas ?? 0) === (counts.updatedReplicas ?? 0);
  // A finished rollout stays finished, whatever becomes of its pods later.
  if (isDone && known?.reason === AVAILABLE) return conditions;
  const subject = sets.current
    ? `ReplicaSet "${sets.current.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    const done = progressing('True', AVAILABLE, `${subject} has successfully progressed.`);
    return setCondition(conditions, done, now);
  }
  if (hasProgressed(deployment.status, counts)) {
    const moving = progressing('True', 'ReplicaSetUpdated', `${subject} is progressing.`);
    return refreshCondition(conditions, moving, now);
  }
  if (isTimedOut(deployment, known, nowMs)) {
    const late = progressing('False', TIMED_OUT, `${subject} has timed out progressing.`);
    return setCondition(conditions, late, now);
  }
  return conditions;
}

function hasProgressed(before: Status, now: Status): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Status) => replicas - updatedReplicas;
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function isTimedOut({ spec }: Deployment, known: Condition | undefined, nowMs: number): boolean {
  if (!known || known.reason === AVAILABLE) return false;
  if (known.reason === TIMED_OUT) return true;
  const since = Date.parse(known.lastUpdateTime ?? '');
  return since + (spec.progressDeadlineSeconds ?? NO_DEADLINE) * 1_000 < nowMs;
}
