/** What a Job has come to, worked out from its pods (upstream: pkg/controller/job). */
import type { Job } from '../../kinds/types/batch.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { isActive, isFinished, isReady, isTerminating } from '../pods.ts';
import { indexOf, isIndexed, parseIndexes } from './indexes.ts';
import { judgeFailure, type PodFailureVerdict } from './pod-failure-policy.ts';

/** Holds a pod until the Job has counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';
/** How often an index has failed before this pod. */
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';

/** First wait before a failed pod is followed by another, and the longest, in milliseconds (Kubernetes documentation, "Jobs"). */
const BACKOFF_BASE_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;

export interface Progress {
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Pods that succeeded; of an Indexed job the indexes that did. */
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Pods that are counted here for the first time. */
  readonly counted: readonly Pod[];
  /** What the failure policy makes an end of the Job by. */
  readonly failJob: PodFailureVerdict | undefined;
}

export function progressOf(job: Job, own: readonly Pod[]): Progress {
  const { status = {}, spec } = job;
  const counted = own.filter((pod) => isHeld(pod) && isCountable(job, pod));
  const succeeded = counted.filter(isDone);
  const verdicts = counted.filter((pod) => !isDone(pod)).map((pod) => verdictOn(job, pod));
  const failures = verdicts.filter(({ verdict }) => verdict?.action !== 'Ignore');
  const count = spec.completions ?? 0;
  const before = parseIndexes(status.completedIndexes, count);
  const completedIndexes = new Set([...before, ...(isIndexed(job) ? succeeded.map(indexOf) : [])]);
  const isLost = ({ pod, verdict }: (typeof failures)[number]) =>
    verdict?.action === 'FailIndex' ||
    failuresOf(pod) + 1 > (spec.backoffLimitPerIndex ?? Number.POSITIVE_INFINITY);
  const lost = failures.filter(isLost).map(({ pod }) => indexOf(pod));
  const failedIndexes = new Set([...parseIndexes(status.failedIndexes, count), ...lost]);
  return {
    active: own.filter(isActive),
    ready: own.filter((pod) => isActive(pod) && isReady(pod)).length,
    terminating: own.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    succeeded: isIndexed(job) ? completedIndexes.size : (status.succeeded ?? 0) + succeeded.length,
    failed: (status.failed ?? 0) + failures.length,
    completedIndexes,
    failedIndexes: failedIndexes.difference(completedIndexes),
    counted,
    failJob: verdicts.find(({ verdict }) => verdict?.action === 'FailJob')?.verdict,
  };
}

function isDone({ status }: Pod): boolean {
  return status.phase === 'Succeeded';
}

function isHeld({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING) === true;
}

/** Whether the pod's end is known; one that is being deleted has failed, unless replacements wait for that to be sure. */
function isCountable({ spec }: Job, pod: Pod): boolean {
  if (isFinished(pod)) return true;
  if (!isTerminating(pod) || spec.suspend === true) return false;
  const isSureOnly = spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;
  return !isSureOnly;
}

function verdictOn(job: Job, pod: Pod) {
  return { pod, verdict: judgeFailure(job, pod) };
}

/** How often the pod's index had failed when the pod was made. */
export function failuresOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[INDEX_FAILURES] ?? 0);
}

/** Whether everything about the Job has been said. */
export function isEnded({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    (one) => one.status === 'True' && (one.type === 'Complete' || one.type === 'Failed'),
  );
}

/** How many pods are to run at once now. */
export function wantedActive({ spec }: Job, progress: Progress): number {
  const { succeeded, active, failedIndexes, terminating } = progress;
  const { parallelism = 1, completions, suspend } = spec;
  if (suspend === true) return 0;
  const leaving = spec.podReplacementPolicy === 'Failed' ? terminating : 0;
  if (completions === undefined) {
    return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism - leaving;
  }
  return Math.min(parallelism, completions - succeeded - failedIndexes.size) - leaving;
}

/** Milliseconds until a pod that failed may be followed by another. */
export function msUntilRetry(own: readonly Pod[], nowMs: number): number {
  const ends = own
    .filter(isFinished)
    .map((pod) => ({ isFailure: pod.status.phase === 'Failed', atMs: endOf(pod) }))
    .toSorted((a, b) => b.atMs - a.atMs);
  const firstSuccess = ends.findIndex(({ isFailure }) => !isFailure);
  const failures = firstSuccess < 0 ? ends.length : firstSuccess;
  const last = ends[0];
  if (failures === 0 || !last) return 0;
  const backoffMs = Math.min(BACKOFF_BASE_MS * 2 ** (failures - 1), BACKOFF_MAX_MS);
  return Math.max(0, last.atMs + backoffMs - nowMs);
}

function endOf({ status, metadata }: Pod): number {
  const ends = (status.containerStatuses ?? []).map(({ state }) =>
    Date.parse(state.terminated?.finishedAt ?? ''),
  );
  const known = ends.filter((atMs) => !Number.isNaN(atMs));
  return known.length > 0 ? Math.max(...known) : Date.parse(metadata.creationTimestamp);
}

/** The indexes that still want a pod, lowest first. */
export function missingIndexes(
  { spec }: Job,
  { active, completedIndexes, failedIndexes }: Progress,
): readonly number[] {
  const busy = new Set(active.map(indexOf));
  return Array.from({ length: spec.completions ?? 0 }, (_, index) => index).filter(
    (index) => !completedIndexes.has(index) && !failedIndexes.has(index) && !busy.has(index),
  );
}
