import type { Job } from '../../kinds/types/batch.ts';
import type { Condition } from '../../kinds/types/core.ts';
import { findCondition, withCondition } from '../conditions.ts';
import { indexesText } from './indexes.ts';
import { endConditions, type Outcome } from './job-outcome.ts';
import type { Progress } from './job-progress.ts';

interface Situation {
  readonly progress: Progress;
  readonly outcome: Outcome;
  readonly now: string;
}

/** The status of a Job as its pods and its end make it. */
export function jobStatus(
  job: Job,
  { progress, outcome, now }: Situation,
): NonNullable<Job['status']> & { readonly uncountedTerminatedPods: object } {
  const { active, ready, terminating, succeeded, failed } = progress;
  const { completedIndexes, failedIndexes } = progress;
  const isSettled = active.length === 0 && terminating === 0;
  const conditions = conditionsOf(job, endConditions(outcome, isSettled), now);
  const startTime = startTimeOf(job, now);
  const isOver = outcome.type === 'complete' && isSettled;
  return {
    ...(conditions.length > 0 && { conditions }),
    ...(startTime !== undefined && { startTime }),
    ...(isOver && { completionTime: job.status?.completionTime ?? now }),
    ...(active.length > 0 && { active: active.length }),
    ready,
    terminating,
    ...(succeeded > 0 && { succeeded }),
    ...(failed > 0 && { failed }),
    ...(completedIndexes.size > 0 && { completedIndexes: indexesText(completedIndexes) }),
    ...(job.spec.backoffLimitPerIndex !== undefined && {
      failedIndexes: indexesText(failedIndexes),
    }),
    uncountedTerminatedPods: {},
  };
}

/** Counted from the start or, after a rest, from when the Job went on. */
function startTimeOf({ spec, status }: Job, now: string): string | undefined {
  return spec.suspend === true ? undefined : (status?.startTime ?? now);
}

function conditionsOf(
  { spec, status }: Job,
  ends: ReturnType<typeof endConditions>,
  now: string,
): readonly Condition[] {
  let conditions = status?.conditions ?? [];
  const add = (condition: Parameters<typeof withCondition>[1]) => {
    const before = conditions;
    conditions = withCondition(conditions, condition, now);
    if (conditions === before) return;
    conditions = conditions.map((one) =>
      one.type === condition.type ? { ...one, lastProbeTime: now } : one,
    );
  };
  if (spec.suspend === true && ends.length === 0) {
    add({ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' });
  } else if (findCondition(conditions, 'Suspended')) {
    add({ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' });
  }
  for (const end of ends) add(end);
  return conditions;
}
