import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cronJobs, jobs } from '../../kinds/resources.ts';
import type { Job } from '../../kinds/types/batch.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { cronJobController } from './cron-job.ts';

const MINUTE_MS = 60_000;

async function clusterWith(spec: object): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  const template = { spec: { restartPolicy: 'Never', containers: [] } };
  await cluster.create(cronJobs, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'default' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...spec },
    status: {},
  });
  return cluster;
}

function names(cluster: FakeCluster): readonly string[] {
  return cluster.list(jobs).map(({ metadata }) => metadata.name);
}

async function end(cluster: FakeCluster, job: Job): Promise<void> {
  const completionTime = new Date(cluster.clock.now()).toISOString().replace('.000', '');
  const conditions = [{ type: 'Complete', status: 'True' }];
  const ended = { ...job, status: { completionTime, conditions } };
  await cluster.update(jobs, ended, { subresource: 'status' });
  await cluster.clock.advance(0);
}

test('a CronJob makes a Job at each due time, named after the minute, and keeps the last three', async () => {
  await using cluster = await clusterWith({});
  await cluster.run(cronJobController);
  assert.deepEqual(names(cluster), []);
  const first = cluster.clock.now() / MINUTE_MS + 1;
  for (let minute = 0; minute < 5; minute++) {
    await cluster.clock.advance(MINUTE_MS);
    for (const job of cluster.list(jobs)) if (!job.status) await end(cluster, job);
  }
  assert.deepEqual(
    names(cluster),
    [2, 3, 4].map((minute) => `tick-${first + minute}`),
  );
  assert.deepEqual(cluster.get(cronJobs, 'tick', 'default')?.status, {
    lastScheduleTime: '2026-01-01T00:05:00Z',
    lastSuccessfulTime: '2026-01-01T00:05:00Z',
  });
  assert.deepEqual(cluster.eventTexts().slice(0, 2), [
    `Normal SuccessfulCreate tick: Created job tick-${first}`,
    `Normal SawCompletedJob tick: Saw completed job: tick-${first}, condition: Complete`,
  ]);
  assert.deepEqual(cluster.errors, []);
});

test('concurrency policies: Forbid waits for the running Job, Replace ends it', async () => {
  await using forbidding = await clusterWith({ concurrencyPolicy: 'Forbid' });
  await forbidding.run(cronJobController);
  await forbidding.clock.advance(3 * MINUTE_MS);
  assert.equal(names(forbidding).length, 1);
  await using replacing = await clusterWith({ concurrencyPolicy: 'Replace' });
  await replacing.run(cronJobController);
  await replacing.clock.advance(3 * MINUTE_MS);
  assert.deepEqual(names(replacing), [`tick-${replacing.clock.now() / MINUTE_MS}`]);
});

test('a suspended CronJob makes nothing; resumed, it makes only the newest Job it missed', async () => {
  await using cluster = await clusterWith({ suspend: true });
  await cluster.run(cronJobController);
  await cluster.clock.advance(10.5 * MINUTE_MS);
  assert.deepEqual(names(cluster), []);
  const cronJob = cluster.get(cronJobs, 'tick', 'default') ?? assert.fail();
  await cluster.update(cronJobs, { ...cronJob, spec: { ...cronJob.spec, suspend: false } });
  await cluster.clock.advance(0);
  assert.deepEqual(names(cluster), [`tick-${Math.floor(cluster.clock.now() / MINUTE_MS)}`]);
});

test('a Job made by hand from a CronJob is not one of its own; one that is taken away is missed', async () => {
  await using cluster = await clusterWith({ schedule: '@every 1m' });
  await cluster.run(cronJobController);
  await cluster.clock.advance(MINUTE_MS);
  const [started] = names(cluster);
  const { uid } = cluster.get(cronJobs, 'tick', 'default')?.metadata ?? assert.fail();
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid, controller: true };
  await cluster.create(jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'manual', namespace: 'default', ownerReferences: [owner] },
    spec: {},
  });
  await cluster.delete(jobs, { name: started ?? '', namespace: 'default' });
  await cluster.clock.advance(0);
  assert.equal(cluster.get(cronJobs, 'tick', 'default')?.status?.active, undefined);
  assert.deepEqual(cluster.eventTexts().slice(1), [
    'Warning UnexpectedJob tick: Saw a job that the controller did not create or forgot: manual (x2)',
    `Normal MissingJob tick: Active job went missing: ${started}`,
  ]);
});
