import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { jobs, pods } from '../../kinds/resources.ts';
import type { Job } from '../../kinds/types/batch.ts';
import type { Condition, Pod } from '../../kinds/types/core.ts';
import { findCondition, withCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey } from '../controller.ts';
import { POD_BURST_LIMIT } from '../limits.ts';
import { enqueueController, ownedBy } from '../owners.ts';
import { claimPods, createPod, deletePod, isNamespaceLeaving, isTerminating } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';
import {
  COMPLETION_INDEX,
  endConditions,
  indexesText,
  isEnded,
  isIndexed,
  missingIndexes,
  msUntilRetry,
  type Outcome,
  outcomeOf,
  type Progress,
  progressOf,
  wantedActive,
} from './job-progress.ts';

/**
 * Runs pods until enough of them succeed (Kubernetes documentation, "Jobs"). A finished pod counts as long as it is
 * there: unlike upstream's, pods carry no finalizer that keeps them until they are counted.
 */
export const jobController: Controller = {
  name: 'job-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        context.client.watch(jobs, enqueue(queue)),
        context.client.watch(pods, enqueueController(queue, context.client, jobs)),
      ],
    }),
};

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { client, clock } = context;
  const { namespace, name } = splitKey(key);
  const job = client.get(jobs, name, namespace);
  if (!job || isTerminating(job) || isEnded(job)) return;
  const own = await claimPods(context, job);
  const progress = progressOf(job, own);
  const outcome = outcomeOf(job, progress, clock.now());
  try {
    if (outcome.type === 'running') await work(context, job, { own, progress, queue, key });
    else for (const pod of progress.active) await deletePod(context, job, pod);
  } catch (error) {
    if (!isNamespaceLeaving(error)) throw error;
  }
  await writeStatus(context, job, outcome);
  const { activeDeadlineSeconds } = job.spec;
  if (outcome.type === 'running' && activeDeadlineSeconds !== undefined) {
    const startedMs = Date.parse(job.status?.startTime ?? timestamp(clock));
    queue.addAfter(key, startedMs + activeDeadlineSeconds * 1_000 - clock.now());
  }
}

interface Work {
  readonly own: readonly Pod[];
  readonly progress: Progress;
  readonly queue: WorkQueue;
  readonly key: string;
}

async function work(
  context: ControllerContext,
  job: Job,
  { own, progress, queue, key }: Work,
): Promise<void> {
  const { active } = progress;
  const wanted = wantedActive(job, progress);
  for (const pod of active.slice(wanted)) await deletePod(context, job, pod);
  const missing = Math.min(wanted - active.length, POD_BURST_LIMIT);
  if (missing <= 0) return;
  const waitMs = msUntilRetry(own, context.clock.now());
  if (waitMs > 0) {
    queue.addAfter(key, waitMs);
    return;
  }
  if (isIndexed(job)) {
    for (const index of missingIndexes(job, progress).slice(0, missing)) {
      await createIndexed(context, job, index);
    }
    return;
  }
  for (let made = 0; made < missing; made++) await createPod(context, job, job.spec.template);
}

function createIndexed(context: ControllerContext, job: Job, index: number): Promise<Pod> {
  const mark = { [COMPLETION_INDEX]: String(index) };
  const fieldPath = `metadata.annotations['${COMPLETION_INDEX}']`;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } };
  return createPod(context, job, job.spec.template, {
    labels: mark,
    annotations: mark,
    spec: (spec) => ({
      ...spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: spec.containers.map((container) => ({
        ...container,
        env: [...(container.env ?? []), variable],
      })),
    }),
  });
}

async function writeStatus(
  context: ControllerContext,
  { metadata }: Job,
  outcome: Outcome,
): Promise<void> {
  const { client, events } = context;
  const job = client.get(jobs, metadata.name, metadata.namespace);
  if (job?.metadata.uid !== metadata.uid) return;
  const progress = progressOf(job, ownedBy(client, pods, job));
  const status = statusOf(context, job, { progress, outcome });
  if (isSame(status, job.status)) return;
  await client.update(jobs, { ...job, status }, { subresource: 'status' });
  if (outcome.type === 'running' || !isEnded({ ...job, status })) return;
  events.record(
    job,
    outcome.type === 'complete'
      ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
      : { type: 'Warning', reason: outcome.reason, message: outcome.message },
  );
}

interface Situation {
  readonly progress: Progress;
  readonly outcome: Outcome;
}

function statusOf(
  { clock }: ControllerContext,
  job: Job,
  { progress, outcome }: Situation,
): NonNullable<Job['status']> & { readonly uncountedTerminatedPods: object } {
  const { active, ready, terminating, succeeded, failed, completedIndexes } = progress;
  const now = timestamp(clock);
  const isSettled = active.length === 0 && terminating === 0;
  const conditions = conditionsOf(job, endConditions(outcome, isSettled), now);
  const isSuspended = job.spec.suspend === true;
  const startTime = isSuspended ? undefined : (job.status?.startTime ?? now);
  const isOver = outcome.type === 'complete' && isSettled;
  return {
    ...(conditions.length > 0 && { conditions }),
    ...(startTime !== undefined && { startTime }),
    ...(isOver && { completionTime: now }),
    ...(active.length > 0 && { active: active.length }),
    ready,
    terminating,
    ...(succeeded > 0 && { succeeded }),
    ...(failed > 0 && { failed }),
    ...(completedIndexes.size > 0 && { completedIndexes: indexesText(completedIndexes) }),
    uncountedTerminatedPods: {},
  };
}

function conditionsOf(
  { spec, status }: Job,
  ends: ReturnType<typeof endConditions>,
  now: string,
): readonly Condition[] {
  let conditions = status?.conditions ?? [];
  const add = (condition: Parameters<typeof withCondition>[1]) => {
    conditions = withCondition(conditions, condition, now).map((one) =>
      // Jobs say when they were last looked at; here that is when the condition came to hold.
      one.type === condition.type ? { ...one, lastProbeTime: one.lastTransitionTime ?? now } : one,
    );
  };
  if (spec.suspend === true) {
    add({ type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' });
  } else if (findCondition(conditions, 'Suspended')) {
    add({ type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' });
  }
  for (const end of ends) add(end);
  return conditions;
}
