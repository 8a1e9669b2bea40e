import { isSame } from '../../kinds/json.ts';
import { cronJobs, jobs } from '../../kinds/resources.ts';
import type { CronJob, Job } from '../../kinds/types/batch.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, namespaceOf, runLoop, splitKey, targetOf } from '../controller.ts';
import { referenceTo } from '../events.ts';
import { isEnded } from '../job/job-progress.ts';
import { MISSED_STARTS_LIMIT } from '../limits.ts';
import { controllerOf, controllerReference, ownedBy } from '../owners.ts';
import { isNamespaceLeaving, isTerminating } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';
import { nextTime, parseSchedule, type Schedule, ScheduleError } from './schedule.ts';

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Makes Jobs at the times of a schedule (Kubernetes documentation, "CronJob"). */
export const cronJobController: Controller = {
  name: 'cronjob-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [
        context.client.watch(cronJobs, enqueue(queue)),
        context.client.watch(jobs, ({ object }) => {
          const owner = controllerOf(object);
          if (owner?.kind === 'CronJob') queue.add(`${namespaceOf(object)}/${owner.name}`);
        }),
      ],
    }),
};

async function sync(context: ControllerContext, key: string, queue: WorkQueue): Promise<void> {
  const { client } = context;
  const { namespace, name } = splitKey(key);
  const cronJob = client.get(cronJobs, name, namespace);
  if (!cronJob || isTerminating(cronJob)) return;
  await noteEndedJobs(context, cronJob);
  await trimHistory(context, cronJob);
  const current = client.get(cronJobs, name, namespace);
  if (!current || current.spec.suspend === true) return;
  try {
    await startDueJob(context, current, { queue, key });
  } catch (error) {
    if (!isNamespaceLeaving(error)) throw error;
  }
}

/** Brings the status up to date with the Jobs there are. */
async function noteEndedJobs(context: ControllerContext, cronJob: CronJob): Promise<void> {
  const { client, events } = context;
  const own = ownedBy(client, jobs, cronJob);
  const known = cronJob.status?.active ?? [];
  for (const job of own.filter(isEnded)) {
    if (!known.some(({ uid }) => uid === job.metadata.uid)) continue;
    const message = `Saw completed job: ${job.metadata.name}, condition: ${isSuccess(job) ? 'Complete' : 'Failed'}`;
    events.record(cronJob, { type: 'Normal', reason: 'SawCompletedJob', message });
  }
  const times = own.flatMap(({ status }) => status?.completionTime ?? []);
  const before = cronJob.status?.lastSuccessfulTime;
  const [lastSuccessfulTime] = [...times, ...(before === undefined ? [] : [before])]
    .toSorted()
    .toReversed();
  const active = own
    .filter((job) => !isEnded(job) && known.some(({ uid }) => uid === job.metadata.uid))
    .map((job) => activeReference(job, known));
  tellOfStrangers(context, cronJob, own);
  const { active: _active, ...rest } = cronJob.status ?? {};
  const status = {
    ...rest,
    ...(active.length > 0 && { active }),
    ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }),
  };
  if (isSame(status, cronJob.status ?? {})) return;
  await client.update(cronJobs, { ...cronJob, status }, { subresource: 'status' });
}

/** Jobs that somebody made by hand, and Jobs that somebody took away. */
function tellOfStrangers(
  { events }: ControllerContext,
  cronJob: CronJob,
  own: readonly Job[],
): void {
  const known = cronJob.status?.active ?? [];
  for (const job of own) {
    if (isEnded(job) || known.some(({ uid }) => uid === job.metadata.uid)) continue;
    const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`;
    events.record(cronJob, { type: 'Warning', reason: 'UnexpectedJob', message });
  }
  for (const { uid, name = '' } of known) {
    if (own.some((job) => job.metadata.uid === uid)) continue;
    const message = `Active job went missing: ${name}`;
    events.record(cronJob, { type: 'Normal', reason: 'MissingJob', message });
  }
}

/** A Job is named as it was when it was started: later versions of it are no news. */
function activeReference(job: Job, known: NonNullable<CronJob['status']>['active'] = []) {
  return known.find(({ uid }) => uid === job.metadata.uid) ?? referenceTo(job);
}

function isSuccess({ status }: Job): boolean {
  return status?.completionTime !== undefined;
}

async function trimHistory(context: ControllerContext, cronJob: CronJob): Promise<void> {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
  const ended = ownedBy(context.client, jobs, cronJob)
    .filter((job) => isEnded(job) && !isTerminating(job))
    .toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
  const surplus = [
    ...allButLast(ended.filter(isSuccess), successfulJobsHistoryLimit),
    ...allButLast(
      ended.filter((job) => !isSuccess(job)),
      failedJobsHistoryLimit,
    ),
  ];
  for (const job of surplus) await deleteJob(context, cronJob, job);
}

function allButLast(list: readonly Job[], kept: number): readonly Job[] {
  return list.slice(0, Math.max(0, list.length - kept));
}

async function deleteJob(
  { client, events }: ControllerContext,
  cronJob: CronJob,
  job: Job,
): Promise<void> {
  await client.delete(jobs, targetOf(job), { propagationPolicy: 'Background' });
  const message = `Deleted job ${job.metadata.name}`;
  events.record(cronJob, { type: 'Normal', reason: 'SuccessfulDelete', message });
}

interface Appointment {
  readonly queue: WorkQueue;
  readonly key: string;
}

async function startDueJob(
  context: ControllerContext,
  cronJob: CronJob,
  { queue, key }: Appointment,
): Promise<void> {
  const { clock } = context;
  const plan = readPlan(context, cronJob);
  if (!plan) return;
  const { schedule, timeZone } = plan;
  const dueMs = lastDue(context, cronJob, plan);
  const { lastScheduleTime } = cronJob.status ?? {};
  const sinceMs = Date.parse(lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  if (dueMs !== undefined && (await makesRoom(context, cronJob))) {
    await startJob(context, cronJob, dueMs);
  }
  const fromMs = schedule.everyMs === undefined ? clock.now() : (dueMs ?? sinceMs);
  const next = nextTime(schedule, fromMs, timeZone);
  if (next !== undefined) queue.addAfter(key, next - clock.now());
}

interface Plan {
  readonly schedule: Schedule;
  readonly timeZone?: string;
}

function readPlan({ events, clock }: ControllerContext, cronJob: CronJob): Plan | undefined {
  const { schedule: text, timeZone } = cronJob.spec;
  try {
    const schedule = parseSchedule(text);
    // A time zone nobody knows shows itself when it is first used.
    nextTime(schedule, clock.now(), timeZone);
    return { schedule, ...(timeZone !== undefined && { timeZone }) };
  } catch (error) {
    const isSchedule = error instanceof ScheduleError;
    if (!isSchedule && !(error instanceof RangeError)) throw error;
    events.record(
      cronJob,
      isSchedule
        ? {
            type: 'Warning',
            reason: 'UnparseableSchedule',
            message: `unparseable schedule: "${text}" : ${error.message}`,
          }
        : {
            type: 'Warning',
            reason: 'UnknownTimeZone',
            message: `invalid timeZone: "${timeZone}": unknown time zone ${timeZone}`,
          },
    );
    return undefined;
  }
}

/** The newest time that has come and for which no Job was started. */
function lastDue(
  { clock, events }: ControllerContext,
  cronJob: CronJob,
  { schedule, timeZone }: Plan,
): number | undefined {
  const { status, metadata, spec } = cronJob;
  const since = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const { startingDeadlineSeconds: seconds } = spec;
  const nowMs = clock.now();
  const fromMs = seconds === undefined ? since : Math.max(since, nowMs - seconds * 1_000);
  let due: number | undefined;
  let count = 0;
  let next = nextTime(schedule, fromMs, timeZone);
  while (next !== undefined && next <= nowMs) {
    due = next;
    count++;
    // Too many to look at one by one: only the last hours count.
    const afterMs = count === MISSED_STARTS_LIMIT ? Math.max(next, nowMs - 2 * 3_600_000) : next;
    next = nextTime(schedule, afterMs, timeZone);
  }
  if (count > MISSED_STARTS_LIMIT) {
    const message =
      'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    events.record(cronJob, { type: 'Warning', reason: 'TooManyMissedTimes', message });
  }
  return due;
}

/** Whether the policy lets another Job start now; Replace ends those that run. */
async function makesRoom(context: ControllerContext, cronJob: CronJob): Promise<boolean> {
  const known = new Set(cronJob.status?.active?.map(({ uid }) => uid));
  const running = ownedBy(context.client, jobs, cronJob).filter((job) => {
    return !isEnded(job) && known.has(job.metadata.uid);
  });
  const { concurrencyPolicy = 'Allow' } = cronJob.spec;
  if (concurrencyPolicy === 'Forbid' && running.length > 0) {
    const message =
      'Not starting job because prior execution is running and concurrency policy is Forbid';
    context.events.record(cronJob, { type: 'Normal', reason: 'JobAlreadyActive', message });
    return false;
  }
  if (concurrencyPolicy === 'Replace') {
    for (const job of running) await deleteJob(context, cronJob, job);
  }
  return true;
}

async function startJob(
  { client, events }: ControllerContext,
  cronJob: CronJob,
  dueMs: number,
): Promise<void> {
  const namespace = namespaceOf(cronJob);
  const name = `${cronJob.metadata.name}-${Math.floor(dueMs / 60_000)}`;
  const scheduled = new Date(dueMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const { metadata, spec } = cronJob.spec.jobTemplate;
  let job = client.get(jobs, name, namespace);
  if (!job) {
    job = await client.create(jobs, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        ...metadata,
        name,
        namespace,
        annotations: { ...metadata?.annotations, [SCHEDULED_AT]: scheduled },
        ownerReferences: [controllerReference(cronJob)],
      },
      spec,
    });
    const message = `Created job ${name}`;
    events.record(cronJob, { type: 'Normal', reason: 'SuccessfulCreate', message });
  }
  const current = client.get(cronJobs, cronJob.metadata.name, namespace);
  if (!current) return;
  // Times within one minute have one name between them: the Job may have come and gone.
  const added = isEnded(job) ? [] : [referenceTo(job)];
  const active = [...(current.status?.active ?? []), ...added];
  const status = {
    ...current.status,
    ...(active.length > 0 && { active }),
    lastScheduleTime: scheduled,
  };
  await client.update(cronJobs, { ...current, status }, { subresource: 'status' });
}
