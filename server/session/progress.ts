import type { CheckResult } from '../../verifiers/index.ts';
import type { Lab } from '../labs/lab.ts';

/** How far a learner is in a lab. */
export interface Progress {
  /** By step: whether it is done. */
  readonly done: readonly boolean[];
  /** By step: results of the last run, empty before the first. */
  readonly checks: readonly (readonly CheckResult[])[];
}

export function startProgress(lab: Lab, doneSteps: readonly number[]): Progress {
  return {
    done: lab.steps.map((_, index) => doneSteps.includes(index)),
    checks: lab.steps.map(() => []),
  };
}

/** Index of the first step that is not done; the number of steps when all are. */
export function unlockedStep(progress: Progress): number {
  const first = progress.done.indexOf(false);
  return first < 0 ? progress.done.length : first;
}

export function withChecks(
  progress: Progress,
  step: number,
  results: readonly CheckResult[],
): Progress {
  return { ...progress, checks: progress.checks.with(step, results) };
}

export function withDone(progress: Progress, step: number): Progress {
  return { ...progress, done: progress.done.with(step, true) };
}

/** Whether these results finish a step: it has checks and all have passed. */
export function isFinishedBy(results: readonly CheckResult[]): boolean {
  return results.length > 0 && results.every((result) => result.isPassed);
}
