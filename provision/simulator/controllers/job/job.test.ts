import assert from 'node:assert/strict';
import { test } from 'node:test';

import { jobs, pods } from '../../kinds/resources.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { indexesText } from './job-progress.ts';
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

async function endPods(cluster: FakeCluster, phase: 'Succeeded' | 'Failed'): Promise<void> {
  const finishedAt = new Date(cluster.clock.now()).toISOString();
  for (const pod of cluster.list(pods)) {
    if (pod.status.phase !== 'Pending') continue;
    const state = { terminated: { exitCode: 0, finishedAt } };
    await cluster.reportPod(pod, { phase, containerStatuses: [{ name: 'c', state }] });
  }
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
    status(cluster)?.conditions?.map(({ type, reason, message }) => [type, reason, message]),
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

test('indexesText() writes runs of indexes short', () => {
  assert.equal(indexesText(new Set([4, 0, 2, 1, 7, 6])), '0-2,4,6-7');
});
