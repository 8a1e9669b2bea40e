/** What a Job has come to, worked out from its pods (upstream: pkg/controller/job). */
import type { Job } from '../../kinds/types/batch.ts';
import type { Pod } from '../../kinds/types/core.ts';
import type { NewCondition } from '../conditions.ts';
import { isActive, isFinished, isReady, isTerminating } from '../pods.ts';

/** The index of a pod in an Indexed job, as label and annotation. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

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
}

export function progressOf(job: Job, own: readonly Pod[]): Progress {
  const done = own.filter(({ status }) => status.phase === 'Succeeded');
  const completedIndexes = new Set(isIndexed(job) ? done.map(indexOf) : []);
  return {
    active: own.filter(isActive),
    ready: own.filter((pod) => isActive(pod) && isReady(pod)).length,
    terminating: own.filter((pod) => isTerminating(pod) && !isFinished(pod)).length,
    succeeded: isIndexed(job) ? completedIndexes.size : done.length,
    failed: own.filter(({ status }) => status.phase === 'Failed').length,
    completedIndexes,
  };
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed';
}

function indexOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[COMPLETION_INDEX] ?? -1);
}

/** How a Job ends, or that it goes on. */
export type Outcome =
  | { readonly type: 'running' }
  | { readonly type: 'complete' | 'failed'; readonly reason: string; readonly message: string };

export function outcomeOf(job: Job, progress: Progress, nowMs: number): Outcome {
  const { completions, backoffLimit = 6, activeDeadlineSeconds, template } = job.spec;
  const { failed, active, succeeded } = progress;
  const restarts = template.spec.restartPolicy === 'OnFailure' ? restartsOf(active) : 0;
  const isPastLimit =
    failed > backoffLimit || (restarts > 0 && restarts >= Math.max(1, backoffLimit));
  if (isPastLimit) {
    const message = 'Job has reached the specified backoff limit';
    return { type: 'failed', reason: 'BackoffLimitExceeded', message };
  }
  const startedMs = Date.parse(job.status?.startTime ?? '');
  const isLate =
    activeDeadlineSeconds !== undefined && nowMs - startedMs >= activeDeadlineSeconds * 1_000;
  if (isLate) {
    const message = 'Job was active longer than specified deadline';
    return { type: 'failed', reason: 'DeadlineExceeded', message };
  }
  const isDone =
    completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  if (!isDone) return { type: 'running' };
  const message = 'Reached expected number of succeeded pods';
  return { type: 'complete', reason: 'CompletionsReached', message };
}

/** The conditions of an ended Job: first the decision, then, when no pod is left, the fact. */
export function endConditions(outcome: Outcome, isSettled: boolean): readonly NewCondition[] {
  if (outcome.type === 'running') return [];
  const { type, reason, message } = outcome;
  const decision = type === 'complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const fact = type === 'complete' ? 'Complete' : 'Failed';
  return [decision, ...(isSettled ? [fact] : [])].map((name) => ({
    type: name,
    status: 'True',
    reason,
    message,
  }));
}

/** Whether everything about the Job has been said. */
export function isEnded({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    (one) => one.status === 'True' && (one.type === 'Complete' || one.type === 'Failed'),
  );
}

/** How many pods are to run at once now. */
export function wantedActive({ spec }: Job, { succeeded, active }: Progress): number {
  const { parallelism = 1, completions, suspend } = spec;
  if (suspend === true) return 0;
  if (completions === undefined)
    return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  return Math.min(parallelism, completions - succeeded);
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
  { active, completedIndexes }: Progress,
): readonly number[] {
  const busy = new Set(active.map(indexOf));
  return Array.from({ length: spec.completions ?? 0 }, (_, index) => index).filter(
    (index) => !completedIndexes.has(index) && !busy.has(index),
  );
}

/** Indexes in upstream's short form: `0-2,4`. */
export function indexesText(indexes: ReadonlySet<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const index of [...indexes].toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range.last === index - 1) range.last = index;
    else ranges.push({ first: index, last: index });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`))
    .join(',');
}

function restartsOf(active: readonly Pod[]): number {
  return active
    .flatMap(({ status }) => status.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}
