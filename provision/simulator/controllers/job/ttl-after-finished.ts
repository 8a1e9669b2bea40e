import { jobs } from '../../kinds/resources.ts';
import type { Job } from '../../kinds/types/batch.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { enqueue, runLoop, splitKey, targetOf } from '../controller.ts';
import { isTerminating } from '../pods.ts';
import type { WorkQueue } from '../work-queue.ts';
import { isEnded } from './job-progress.ts';

/** Deletes Jobs some time after their end (Kubernetes documentation, "Automatic Cleanup for Finished Jobs"). */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  start: (context) =>
    runLoop(context, {
      sync: (key, queue) => sync(context, key, queue),
      watch: (queue) => [context.client.watch(jobs, enqueue(queue))],
    }),
};

async function sync(
  { client, clock }: ControllerContext,
  key: string,
  queue: WorkQueue,
): Promise<void> {
  const { namespace, name } = splitKey(key);
  const job = client.get(jobs, name, namespace);
  const seconds = job?.spec.ttlSecondsAfterFinished;
  if (!job || seconds === undefined || !isEnded(job) || isTerminating(job)) return;
  const waitMs = endOf(job) + seconds * 1_000 - clock.now();
  if (waitMs > 0) {
    queue.addAfter(key, waitMs);
    return;
  }
  const { uid } = job.metadata;
  await client.delete(jobs, targetOf(job), { uid, propagationPolicy: 'Foreground' });
}

function endOf({ status, metadata }: Job): number {
  const end = status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
  return Date.parse(end?.lastTransitionTime ?? metadata.creationTimestamp);
}
