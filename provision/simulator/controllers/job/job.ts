import { isNotFound } from '../../client/api-error.ts';
import { timestamp } from '../../clock.ts';
import { isSame } from '../../kinds/json.ts';
import { jobs, pods } from '../../kinds/resources.ts';
import type { Job } from '../../kinds/types/batch.ts';
import type { Container, Pod } from '../../kinds/types/core.ts';
import { findCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey, targetOf } from '../controller.ts';
import { POD_BURST_LIMIT } from '../limits.ts';
import { controllerOf, enqueueController, specSelector } from '../owners.ts';
import { claimPods, createPod, deletePod, isNamespaceLeaving, isTerminating } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';
import { COMPLETION_INDEX, indexOf, isIndexed } from './indexes.ts';
import { type Outcome, outcomeOf } from './job-outcome.ts';
import {
  failuresOf,
  INDEX_FAILURES,
  isEnded,
  missingIndexes,
  msUntilRetry,
  type Progress,
  progressOf,
  TRACKING,
  wantedActive,
} from './job-progress.ts';
import { jobStatus } from './job-status.ts';

/** Jobs that name another are left to it (Kubernetes documentation, "Jobs": delegation of managing a Job object to external controller). */
const MANAGER = 'kubernetes.io/job-controller';

/** Runs pods until enough of them succeed (Kubernetes documentation, "Jobs"). */
export const jobController: Controller = {
  name: 'job-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        context.client.watch(jobs, enqueue(queue)),
        context.client.watch(pods, enqueueController(queue, context.client, jobs, specSelector)),
      ],
    }),
};

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { client, clock } = context;
  const { namespace, name } = splitKey(key);
  const job = client.get(jobs, name, namespace);
  await releaseStrays(context, { namespace, name, job });
  if (!job || isTerminating(job) || isEnded(job)) return;
  if ((job.spec.managedBy ?? MANAGER) !== MANAGER) return;
  const own = await claimPods(context, job, job.spec.selector);
  const progress = progressOf(job, own);
  const outcome = outcomeOf(job, progress, clock.now());
  // Counted before pods are let go: what is deleted below is no failure of its own.
  await writeStatus(context, job, { progress, outcome });
  for (const pod of progress.counted) await release(context, pod);
  try {
    if (outcome.type === 'running') await work(context, job, { own, progress, queue, key });
    else await endAll(context, job, { progress, outcome });
  } catch (error) {
    if (!isNamespaceLeaving(error)) throw error;
  }
  await writeCounts(context, job, outcome);
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (outcome.type === 'running' && activeDeadlineSeconds !== undefined && suspend !== true) {
    const startedMs = Date.parse(job.status?.startTime ?? timestamp(clock));
    queue.addAfter(key, startedMs + activeDeadlineSeconds * 1_000 - clock.now());
  }
}

/** Lets pods go whose Job is gone or has nothing more to count. */
async function releaseStrays(
  context: ControllerContext,
  {
    namespace,
    name,
    job,
  }: { readonly namespace: string; readonly name: string; readonly job: Job | undefined },
): Promise<void> {
  if (job && !isTerminating(job) && !isEnded(job)) return;
  for (const pod of context.client.list(pods, { namespace })) {
    const owner = controllerOf(pod);
    if (owner?.kind === 'Job' && owner.name === name) await release(context, pod);
  }
}

async function release({ client }: ControllerContext, pod: Pod): Promise<void> {
  const { finalizers = [], uid } = pod.metadata;
  if (!finalizers.includes(TRACKING)) return;
  const rest = finalizers.filter((finalizer) => finalizer !== TRACKING);
  try {
    await client.patch(pods, targetOf(pod), {
      metadata: { uid, finalizers: rest.length > 0 ? rest : null },
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Deletes what still runs of an ended Job; by a failure these pods count as failed. */
async function endAll(
  context: ControllerContext,
  job: Job,
  { progress, outcome }: Judgement,
): Promise<void> {
  for (const pod of progress.active) {
    if (outcome.type === 'failed') await deletePod(context, job, pod);
    else await end(context, job, pod);
  }
}

/** Deletes a pod that is not wanted any more and will not be counted. */
async function end(context: ControllerContext, job: Job, pod: Pod): Promise<void> {
  await release(context, pod);
  await deletePod(context, job, pod);
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
  const wanted = Math.max(0, wantedActive(job, progress));
  for (const pod of active.slice(wanted)) await end(context, job, pod);
  const missing = Math.min(wanted - active.length, POD_BURST_LIMIT);
  if (missing <= 0) return;
  const waitMs = msUntilRetry(own, context.clock.now());
  if (waitMs > 0) {
    queue.addAfter(key, waitMs);
    return;
  }
  if (isIndexed(job)) {
    for (const index of missingIndexes(job, progress).slice(0, missing)) {
      await createIndexed(context, job, { index, own });
    }
    return;
  }
  const finalizers = [TRACKING];
  for (let made = 0; made < missing; made++) {
    await createPod(context, job, job.spec.template, { finalizers });
  }
}

function createIndexed(
  context: ControllerContext,
  job: Job,
  { index, own }: { readonly index: number; readonly own: readonly Pod[] },
): Promise<Pod> {
  const mark = { [COMPLETION_INDEX]: String(index) };
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } };
  // A template that sets it itself keeps its own.
  const withVariable = (container: Container): Container =>
    container.env?.some(({ name }) => name === variable.name)
      ? container
      : { ...container, env: [...(container.env ?? []), variable] };
  const earlier = own.filter((pod) => indexOf(pod) === index).map((pod) => failuresOf(pod) + 1);
  const failures = { [INDEX_FAILURES]: String(Math.max(0, ...earlier)) };
  const isLimited = job.spec.backoffLimitPerIndex !== undefined;
  const base = `${job.metadata.name}-${index}`;
  return createPod(context, job, job.spec.template, {
    finalizers: [TRACKING],
    generateName: `${base}-`,
    labels: mark,
    annotations: { ...mark, ...(isLimited && failures) },
    spec: (spec) => ({
      ...spec,
      hostname: base,
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withVariable) }),
      containers: spec.containers.map(withVariable),
    }),
  });
}

interface Judgement {
  readonly progress: Progress;
  readonly outcome: Outcome;
}

async function writeStatus(
  { client, events, clock }: ControllerContext,
  { metadata }: Job,
  judgement: Judgement,
): Promise<void> {
  const job = client.get(jobs, metadata.name, metadata.namespace);
  if (job?.metadata.uid !== metadata.uid) return;
  const status = jobStatus(job, { ...judgement, now: timestamp(clock) });
  if (isSame(status, job.status)) return;
  await client.update(jobs, { ...job, status }, { subresource: 'status' });
  const before = findCondition(job.status?.conditions, 'Suspended')?.status;
  const now = findCondition(status.conditions, 'Suspended')?.status;
  if (now !== before && now !== undefined) {
    const isSuspended = now === 'True';
    const message = isSuspended ? 'Job suspended' : 'Job resumed';
    const reason = isSuspended ? 'Suspended' : 'Resumed';
    events.record(job, { type: 'Normal', reason, message });
  }
  const { outcome } = judgement;
  if (outcome.type === 'running' || !isEnded({ ...job, status })) return;
  events.record(
    job,
    outcome.type === 'complete'
      ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
      : { type: 'Warning', reason: outcome.reason, message: outcome.message },
  );
}

/** The numbers of pods as they are after the pass. */
async function writeCounts(context: ControllerContext, job: Job, outcome: Outcome): Promise<void> {
  const { client } = context;
  const latest = client.get(jobs, job.metadata.name, job.metadata.namespace);
  if (latest?.metadata.uid !== job.metadata.uid || isEnded(latest)) return;
  const own = client
    .list(pods, { namespace: job.metadata.namespace ?? 'default' })
    .filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
  const progress = progressOf(latest, own);
  // Ends that nobody has judged yet bring a pass of their own.
  if (progress.counted.length === 0) await writeStatus(context, latest, { progress, outcome });
}
