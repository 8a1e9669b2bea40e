/** Whether and how a Job ends (upstream: pkg/controller/job, syncJob). */
import type { Job } from '../../kinds/types/batch.ts';
import type { Pod } from '../../kinds/types/core.ts';
import { findCondition, type NewCondition } from '../conditions.ts';
import { isIndexed, parseIndexes } from './indexes.ts';
import type { Progress } from './job-progress.ts';

/** How a Job ends, or that it goes on. */
export type Outcome = { readonly type: 'running' } | End;

interface End {
  readonly type: 'complete' | 'failed';
  readonly reason: string;
  readonly message: string;
}

export function outcomeOf(job: Job, progress: Progress, nowMs: number): Outcome {
  const end =
    decided(job) ??
    failureByPolicy(progress) ??
    failureByLimit(job, progress) ??
    lateness(job, nowMs) ??
    successByPolicy(job, progress) ??
    tooManyFailedIndexes(job, progress) ??
    completion(job, progress);
  return end ?? { type: 'running' };
}

/** What was decided while pods were still going. */
function decided({ status }: Job): End | undefined {
  const success = findCondition(status?.conditions, 'SuccessCriteriaMet');
  const failure = findCondition(status?.conditions, 'FailureTarget');
  const known = [failure, success].find((condition) => condition?.status === 'True');
  if (!known) return undefined;
  const { reason = '', message = '' } = known;
  return { type: known === success ? 'complete' : 'failed', reason, message };
}

function failureByPolicy({ failJob }: Progress): End | undefined {
  return failJob && { type: 'failed', reason: 'PodFailurePolicy', message: failJob.message };
}

function failureByLimit({ spec }: Job, { failed, active }: Progress): End | undefined {
  const { backoffLimit = 6, backoffLimitPerIndex, template } = spec;
  const limit = backoffLimitPerIndex === undefined ? backoffLimit : Number.POSITIVE_INFINITY;
  const restarts = template.spec.restartPolicy === 'OnFailure' ? restartsOf(active) : 0;
  const isPastLimit = failed > limit || (restarts > 0 && restarts >= Math.max(1, limit));
  if (!isPastLimit) return undefined;
  const message = 'Job has reached the specified backoff limit';
  return { type: 'failed', reason: 'BackoffLimitExceeded', message };
}

function restartsOf(active: readonly Pod[]): number {
  return active
    .flatMap(({ status }) => status.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function lateness({ spec, status }: Job, nowMs: number): End | undefined {
  const { activeDeadlineSeconds: seconds, suspend } = spec;
  if (seconds === undefined || suspend === true) return undefined;
  const startedMs = Date.parse(status?.startTime ?? '');
  if (!(nowMs - startedMs >= seconds * 1_000)) return undefined;
  const message = 'Job was active longer than specified deadline';
  return { type: 'failed', reason: 'DeadlineExceeded', message };
}

function successByPolicy(job: Job, { completedIndexes }: Progress): End | undefined {
  const { successPolicy, completions = 0 } = job.spec;
  if (!successPolicy || !isIndexed(job)) return undefined;
  const index = successPolicy.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    const asked =
      succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions);
    const found = asked ? completedIndexes.intersection(asked) : completedIndexes;
    return found.size >= (succeededCount ?? asked?.size ?? completions);
  });
  if (index < 0) return undefined;
  return { type: 'complete', reason: 'SuccessPolicy', message: `Matched rules at index ${index}` };
}

function tooManyFailedIndexes({ spec }: Job, { failedIndexes }: Progress): End | undefined {
  if (failedIndexes.size <= (spec.maxFailedIndexes ?? Number.POSITIVE_INFINITY)) return undefined;
  const message = 'Job has exceeded the specified maximal number of failed indexes';
  return { type: 'failed', reason: 'MaxFailedIndexesExceeded', message };
}

function completion({ spec }: Job, progress: Progress): End | undefined {
  const { succeeded, active, failedIndexes, terminating } = progress;
  const { completions } = spec;
  const isDone =
    completions === undefined
      ? succeeded > 0 && active.length === 0
      : succeeded + failedIndexes.size >= completions;
  if (!isDone) return undefined;
  if (failedIndexes.size > 0) {
    const isOver = active.length + terminating === 0;
    const message = 'Job has failed indexes';
    return isOver ? { type: 'failed', reason: 'FailedIndexes', message } : undefined;
  }
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
