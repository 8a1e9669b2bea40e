import assert from 'node:assert/strict';
import { test } from 'node:test';

import { events, pods } from '../kinds/resources.ts';
import { EventRecorder } from './events.ts';
import { FakeCluster } from './fake-cluster.ts';

function recorderOn(cluster: FakeCluster): EventRecorder {
  const { clock } = cluster;
  return new EventRecorder({
    client: cluster,
    clock,
    component: 'tester',
    host: 'node01',
  });
}

test('EventRecorder writes an event as client-go does', async () => {
  await using cluster = new FakeCluster();
  const pod = await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
  });
  await using recorder = recorderOn(cluster);
  const fieldPath = 'spec.containers{web}';
  recorder.record(pod, { type: 'Normal', reason: 'Pulled', message: 'It is here', fieldPath });
  await cluster.clock.advance(0);
  const [event = assert.fail()] = cluster.list(events);
  const { metadata, ...content } = event;
  assert.match(metadata.name, /^web\.[0-9a-f]{16}$/);
  assert.equal(metadata.namespace, 'shop');
  assert.deepEqual(content, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      kind: 'Pod',
      namespace: 'shop',
      name: 'web',
      uid: pod.metadata.uid,
      apiVersion: 'v1',
      resourceVersion: pod.metadata.resourceVersion,
      fieldPath,
    },
    reason: 'Pulled',
    message: 'It is here',
    type: 'Normal',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    eventTime: null,
    source: { component: 'tester', host: 'node01' },
    reportingComponent: 'tester',
    reportingInstance: 'node01',
  });
});

test('EventRecorder counts a repeat up, and begins anew when the event was deleted', async () => {
  await using cluster = new FakeCluster();
  const pod = await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
  });
  await using recorder = recorderOn(cluster);
  const happening = { type: 'Warning', reason: 'BackOff', message: 'Again' } as const;
  for (let times = 0; times < 3; times++) {
    recorder.record(pod, happening);
    await cluster.clock.advance(1_000);
  }
  const [event = assert.fail(), ...others] = cluster.list(events);
  assert.deepEqual(
    [event.count, event.firstTimestamp, event.lastTimestamp, others],
    [3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:02Z', []],
  );
  await cluster.delete(events, event.metadata);
  recorder.record(pod, happening);
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.eventTexts(), ['Warning BackOff web: Again']);
});
