import { timestamp } from '../clock.ts';
import { jobs, pods } from '../kinds/resources.ts';
import type { Job } from '../kinds/types/batch.ts';
import type { Condition, Pod } from '../kinds/types/core.ts';
import type { Controller, ControllerContext } from './controller.ts';
import { controllerOf, isActive, isControlledBy, isReady, ownedBy } from './pods.ts';
import { isSame } from './replica-set.ts';
import { keyOf, splitKey, WorkQueue } from './work-queue.ts';

/** Runs pods to completion (https://kubernetes.io/docs/concepts/workloads/controllers/job/). */
export const jobController: Controller = {
  name: 'job',
  start(context) {
    const { client, clock } = context;
    const stack = new DisposableStack();
    const queue = stack.use(new WorkQueue(clock, (key) => reconcile(context, key)));
    stack.use(client.watch(jobs, ({ object }) => queue.add(keyOf(object))));
    stack.use(
      client.watch(pods, ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'Job') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
      }),
    );
    return stack;
  },
};

async function reconcile(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const job = client.get(jobs, name, namespace);
  if (!job || job.metadata.deletionTimestamp || isFinished(job)) return;
  const own = client.list(pods, { namespace }).filter((pod) => isControlledBy(pod, job));
  const succeeded = own.filter(({ status }) => status.phase === 'Succeeded').length;
  const failed = own.filter(({ status }) => status.phase === 'Failed').length;
  const active = own.filter(isActive);
  const wanted = job.spec.completions ?? 1;
  const isFailed = failed > (job.spec.backoffLimit ?? 6);
  if (!isFailed && succeeded < wanted && !job.spec.suspend) {
    const room = Math.min(job.spec.parallelism ?? 1, wanted - succeeded) - active.length;
    for (let index = 0; index < room; index++) await createPod(context, job);
  }
  await writeStatus(context, job, { succeeded, failed, isFailed, isComplete: succeeded >= wanted });
}

function isFinished({ status }: Job): boolean {
  return (
    status?.conditions?.some(
      ({ type, status: value }) => value === 'True' && (type === 'Complete' || type === 'Failed'),
    ) ?? false
  );
}

async function createPod({ client, events }: ControllerContext, job: Job): Promise<void> {
  const { metadata, spec } = job.spec.template;
  const pod = await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      labels: {
        ...metadata?.labels,
        'batch.kubernetes.io/job-name': job.metadata.name,
        'job-name': job.metadata.name,
      },
      generateName: `${job.metadata.name}-`,
      namespace: job.metadata.namespace ?? 'default',
      ownerReferences: ownedBy(job),
    },
    spec,
  });
  events.record(job, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${pod.metadata.name}`,
  });
}

async function writeStatus(
  { client, clock, events }: ControllerContext,
  { metadata }: Job,
  facts: {
    readonly succeeded: number;
    readonly failed: number;
    readonly isFailed: boolean;
    readonly isComplete: boolean;
  },
): Promise<void> {
  const { name, namespace = 'default' } = metadata;
  const job = client.get(jobs, name, namespace);
  if (!job) return;
  const now = timestamp(clock);
  const live = client
    .list(pods, { namespace })
    .filter((pod: Pod) => isControlledBy(pod, job) && isActive(pod));
  const { succeeded, failed, isFailed, isComplete } = facts;
  const conditions: readonly Condition[] = isComplete
    ? [
        condition('SuccessCriteriaMet', 'CompletionsReached', now),
        condition('Complete', 'CompletionsReached', now),
      ]
    : isFailed
      ? [condition('Failed', 'BackoffLimitExceeded', now)]
      : [];
  const status = {
    ...(live.length > 0 && !isFailed && { active: live.length }),
    ready: live.filter(isReady).length,
    terminating: 0,
    startTime: job.status?.startTime ?? now,
    ...(succeeded > 0 && { succeeded }),
    ...(failed > 0 && { failed }),
    ...(isComplete && { completionTime: now }),
    ...(conditions.length > 0 && { conditions }),
    uncountedTerminatedPods: {},
  };
  if (isSame(status, job.status)) return;
  await client.update(jobs, { ...job, status }, { subresource: 'status' });
  if (isComplete)
    events.record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed' });
}

function condition(type: string, reason: string, now: string): Condition {
  const message =
    reason === 'CompletionsReached'
      ? 'Reached expected number of succeeded pods'
      : 'Job has reached the specified backoff limit';
  return { type, status: 'True', reason, message, lastTransitionTime: now };
}
