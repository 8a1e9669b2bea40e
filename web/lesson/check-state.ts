import type { StepProgress, StepView } from '#protocol';

export interface CheckState {
  readonly id: string;
  readonly title: string;
  /** `pending` before the first run. */
  readonly state: 'pending' | 'passed' | 'failed';
  readonly reason?: string;
}

/** What a step asks for, each with what the last run found. */
export function checkStates(step: StepView, progress: StepProgress | undefined): CheckState[] {
  return step.checks.map(({ id, title }) => {
    const result = progress?.checks.find((check) => check.id === id);
    // A step that is done stays done, whatever the cluster becomes afterwards.
    if (progress?.isDone === true || result?.isPassed === true)
      return { id, title, state: 'passed' };
    if (!result) return { id, title, state: 'pending' };
    return {
      id,
      title,
      state: 'failed',
      ...(result.reason !== undefined && { reason: result.reason }),
    };
  });
}
