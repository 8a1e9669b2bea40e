import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jobs, pods } from '../../kinds/resources.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { indexesText, parseIndexes } from './indexes.ts';
import { jobController } from './job.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';

const NOW = '2026-01-01T00:00:00Z';

async function clusterWith(spec: object): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum', namespace: 'default' },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { job: 'sum' } },
      template: {
        metadata: { labels: { job: 'sum' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] },
      },
      ...spec,
    },
    status: {},
  });
  return cluster;
}

async function endPods(
  cluster: FakeCluster,
  phase: 'Succeeded' | 'Failed',
  exitCode = phase === 'Failed' ? 1 : 0,
): Promise<void> {
  const finishedAt = new Date(cluster.clock.now()).toISOString();
  for (const pod of cluster.list(pods)) {
    if (pod.status.phase !== 'Pending') continue;
    const state = { terminated: { exitCode, finishedAt } };
    await cluster.reportPod(pod, { phase, containerStatuses: [{ name: 'c', state }] });
  }
}

/** Type, reason and message of the Job's conditions. */
function conditions(cluster: FakeCluster) {
  return status(cluster)?.conditions?.map(({ type, reason, message }) => [type, reason, message]);
}

function status(cluster: FakeCluster) {
  return cluster.get(jobs, 'sum', 'default')?.status;
}

test('a Job runs as many pods at once as it may until enough have succeeded', async () => {
  await using cluster = await clusterWith({ parallelism: 2, completions: 3 });
  await cluster.run(jobController);
  assert.equal(cluster.list(pods).length, 2);
  await endPods(cluster, 'Succeeded');
  assert.equal(cluster.list(pods).length, 3);
  await endPods(cluster, 'Succeeded');
  const condition = {
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
    lastProbeTime: NOW,
    lastTransitionTime: NOW,
  };
  assert.deepEqual(status(cluster), {
    conditions: [
      { type: 'SuccessCriteriaMet', ...condition },
      { type: 'Complete', ...condition },
    ],
    startTime: NOW,
    completionTime: NOW,
    ready: 0,
    terminating: 0,
    succeeded: 3,
    uncountedTerminatedPods: {},
  });
  assert.equal(cluster.eventTexts().at(-1), 'Normal Completed sum: Job completed');
});

test('a Job follows failed pods by others after waits that double, and gives up beyond its limit', async () => {
  await using cluster = await clusterWith({ backoffLimit: 2 });
  await cluster.run(jobController);
  const starts: number[] = [];
  const startMs = cluster.clock.now();
  for (let second = 0; second < 60; second++) {
    if (cluster.list(pods).some((pod) => pod.status.phase === 'Pending')) {
      starts.push((cluster.clock.now() - startMs) / 1_000);
      await endPods(cluster, 'Failed');
    }
    await cluster.clock.advance(1_000);
  }
  assert.deepEqual(starts, [0, 10, 30]);
  assert.deepEqual(
    conditions(cluster),
    ['FailureTarget', 'Failed'].map((type) => [
      type,
      'BackoffLimitExceeded',
      'Job has reached the specified backoff limit',
    ]),
  );
  assert.equal(status(cluster)?.failed, 3);
});

test('a Job that takes too long is ended with its pods', async () => {
  await using cluster = await clusterWith({ activeDeadlineSeconds: 30 });
  await cluster.run(jobController);
  await cluster.clock.advance(30_000);
  assert.deepEqual(cluster.list(pods), []);
  assert.equal(status(cluster)?.conditions?.at(-1)?.reason, 'DeadlineExceeded');
  assert.equal(status(cluster)?.failed, 1);
});

test('an Indexed Job gives each pod an index of its own', async () => {
  await using cluster = await clusterWith({
    completionMode: 'Indexed',
    parallelism: 3,
    completions: 3,
  });
  await cluster.run(jobController);
  const key = 'batch.kubernetes.io/job-completion-index';
  assert.deepEqual(
    cluster.list(pods).map(({ metadata, spec }) => [metadata.annotations?.[key], spec.hostname]),
    [
      ['0', 'sum-0'],
      ['1', 'sum-1'],
      ['2', 'sum-2'],
    ],
  );
  await endPods(cluster, 'Succeeded');
  assert.equal(status(cluster)?.completedIndexes, '0-2');
});

test('a suspended Job has no pods until it is resumed', async () => {
  await using cluster = await clusterWith({ suspend: true });
  await cluster.run(jobController);
  assert.deepEqual(cluster.list(pods), []);
  assert.equal(status(cluster)?.conditions?.[0]?.reason, 'JobSuspended');
  const job = cluster.get(jobs, 'sum', 'default') ?? assert.fail();
  await cluster.update(jobs, { ...job, spec: { ...job.spec, suspend: false } });
  await cluster.clock.advance(0);
  assert.equal(cluster.list(pods).length, 1);
  assert.equal(status(cluster)?.conditions?.[0]?.reason, 'JobResumed');
});

test('a finished Job is deleted when its time to live has passed', async () => {
  await using cluster = await clusterWith({ ttlSecondsAfterFinished: 60 });
  await cluster.run(jobController);
  await cluster.run(ttlAfterFinishedController);
  await endPods(cluster, 'Succeeded');
  await cluster.clock.advance(59_000);
  const job = () => cluster.get(jobs, 'sum', 'default');
  assert.equal(job()?.metadata.deletionTimestamp, undefined);
  await cluster.clock.advance(1_000);
  assert.equal(job()?.metadata.deletionTimestamp, '2026-01-01T00:01:00Z');
});

test('a Job counts its pods once and remembers those that somebody deletes', async () => {
  await using cluster = await clusterWith({ completions: 2 });
  await cluster.run(jobController);
  assert.deepEqual(cluster.list(pods)[0]?.metadata.finalizers, [
    'batch.kubernetes.io/job-tracking',
  ]);
  await endPods(cluster, 'Succeeded');
  const [done] = cluster.list(pods);
  assert.equal(done?.metadata.finalizers, undefined);
  await cluster.delete(pods, { name: done?.metadata.name ?? '', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.equal(status(cluster)?.succeeded, 1);
  // A pod that is taken away before its end has failed.
  const running = cluster.list(pods).find((pod) => pod.status.phase === 'Pending');
  await cluster.delete(pods, { name: running?.metadata.name ?? '', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.deepEqual([status(cluster)?.succeeded, status(cluster)?.failed], [1, 1]);
  assert.equal(cluster.list(pods).length, 1);
  assert.deepEqual(cluster.errors, []);
});

test('a pod failure policy ends the Job, ignores a failure or counts it', async () => {
  const podFailurePolicy = {
    rules: [
      { action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  };
  await using cluster = await clusterWith({ podFailurePolicy, backoffLimit: 1 });
  await cluster.run(jobController);
  const [first] = cluster.list(pods);
  const disruption = { type: 'DisruptionTarget', status: 'True' };
  if (first) await cluster.reportPod(first, { phase: 'Failed', conditions: [disruption] });
  assert.deepEqual([status(cluster)?.failed, conditions(cluster)], [undefined, undefined]);
  await cluster.clock.advance(10_000);
  await endPods(cluster, 'Failed', 42);
  const name = cluster.list(pods).at(-1)?.metadata.name;
  const message = `Container c for pod default/${name} failed with exit code 42 matching FailJob rule at index 0`;
  assert.deepEqual(conditions(cluster), [
    ['FailureTarget', 'PodFailurePolicy', message],
    ['Failed', 'PodFailurePolicy', message],
  ]);
});

test('each index may fail as often as it is said; the Job goes on and fails at its end', async () => {
  await using cluster = await clusterWith({
    completionMode: 'Indexed',
    parallelism: 2,
    completions: 2,
    backoffLimitPerIndex: 1,
  });
  await cluster.run(jobController);
  const end = async (index: string, phase: 'Succeeded' | 'Failed') => {
    const key = 'batch.kubernetes.io/job-completion-index';
    const pod = cluster
      .list(pods)
      .find((one) => one.metadata.labels?.[key] === index && one.status.phase === 'Pending');
    if (pod) await cluster.reportPod(pod, { phase });
  };
  await end('1', 'Failed');
  await end('0', 'Succeeded');
  await cluster.clock.advance(20_000);
  await end('1', 'Failed');
  const { completedIndexes, failedIndexes, failed } = status(cluster) ?? {};
  assert.deepEqual([completedIndexes, failedIndexes, failed], ['0', '1', 2]);
  assert.deepEqual(conditions(cluster), [
    ['FailureTarget', 'FailedIndexes', 'Job has failed indexes'],
    ['Failed', 'FailedIndexes', 'Job has failed indexes'],
  ]);
});

test('a success policy ends the Job before all have succeeded', async () => {
  await using cluster = await clusterWith({
    completionMode: 'Indexed',
    parallelism: 3,
    completions: 3,
    successPolicy: { rules: [{ succeededIndexes: '0' }] },
  });
  await cluster.run(jobController);
  const [leader] = cluster.list(pods);
  if (leader) await cluster.reportPod(leader, { phase: 'Succeeded' });
  await cluster.clock.advance(10);
  assert.deepEqual(conditions(cluster), [
    ['SuccessCriteriaMet', 'SuccessPolicy', 'Matched rules at index 0'],
    ['Complete', 'SuccessPolicy', 'Matched rules at index 0'],
  ]);
  assert.deepEqual([cluster.list(pods).length, status(cluster)?.failed], [1, undefined]);
});

test('a Job of another controller is left alone', async () => {
  await using cluster = await clusterWith({ managedBy: 'example.com/own' });
  await cluster.run(jobController);
  assert.deepEqual([cluster.list(pods), status(cluster)], [[], {}]);
});

test('indexesText() writes runs of indexes short, and parseIndexes() reads them', () => {
  assert.equal(indexesText(new Set([4, 0, 2, 1, 7, 6])), '0-2,4,6-7');
  assert.deepEqual(parseIndexes('0-2,4,6-7', 7), new Set([0, 1, 2, 4, 6]));
});
