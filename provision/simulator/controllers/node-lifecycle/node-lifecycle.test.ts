import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nodes, pods } from '../../kinds/resources.ts';
import { FakeCluster } from '../fake-cluster.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';
import { podGarbageCollector } from './pod-gc.ts';
import { taintEvictionController } from './taint-eviction.ts';

async function clusterWithNode(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node01' },
    spec: { taints: [{ key: 'own', effect: 'NoSchedule' }] },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  return cluster;
}

test('a node is tainted while it is cordoned or not ready, and its own taints stay', async () => {
  await using cluster = await clusterWithNode();
  await cluster.run(nodeLifecycleController);
  const node = () => cluster.get(nodes, 'node01') ?? assert.fail();
  const taints = () => node().spec.taints?.map(({ key, effect }) => `${key}:${effect}`);
  const say = async (unschedulable: boolean, ready: string) => {
    await cluster.update(nodes, { ...node(), spec: { ...node().spec, unschedulable } });
    const status = { conditions: [{ type: 'Ready', status: ready }] };
    await cluster.update(nodes, { ...node(), status }, { subresource: 'status' });
    await cluster.clock.advance(0);
  };
  await say(true, 'False');
  assert.deepEqual(taints(), [
    'own:NoSchedule',
    'node.kubernetes.io/not-ready:NoSchedule',
    'node.kubernetes.io/not-ready:NoExecute',
    'node.kubernetes.io/unschedulable:NoSchedule',
  ]);
  await say(false, 'True');
  assert.deepEqual(taints(), ['own:NoSchedule']);
});

test('pods leave a node with a NoExecute taint: at once, after a while or never, as they bear it', async () => {
  await using cluster = await clusterWithNode();
  const toleration = { key: 'lost', operator: 'Exists', effect: 'NoExecute' };
  const tolerations = {
    never: [toleration],
    later: [{ ...toleration, tolerationSeconds: 60 }],
    atOnce: [],
  };
  for (const [name, borne] of Object.entries(tolerations)) {
    await cluster.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: name.toLowerCase(), namespace: 'default' },
      spec: { nodeName: 'node01', tolerations: borne },
    });
  }
  await cluster.run(taintEvictionController);
  const node = cluster.get(nodes, 'node01') ?? assert.fail();
  const timeAdded = '2026-01-01T00:00:00Z';
  const taints = [{ key: 'lost', effect: 'NoExecute', timeAdded }];
  await cluster.update(nodes, { ...node, spec: { taints } });
  await cluster.clock.advance(0);
  const leaving = () =>
    cluster
      .list(pods)
      .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
      .map(({ metadata }) => metadata.name);
  assert.deepEqual(leaving(), ['atonce']);
  await cluster.clock.advance(60_000);
  assert.deepEqual(leaving(), ['atonce', 'later']);
  await cluster.clock.advance(3_600_000);
  assert.deepEqual(leaving(), ['atonce', 'later']);
});

test('pods of a node that is gone are failed and deleted when it has not come back', async () => {
  await using cluster = await clusterWithNode();
  await cluster.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'node01' },
  });
  await cluster.run(podGarbageCollector);
  const seen: string[] = [];
  using watch = cluster.watch(pods, ({ type, object: { status } }) => {
    seen.push(`${type} ${status.phase} ${status.conditions?.[0]?.message}`);
  });
  void watch;
  await cluster.delete(nodes, { name: 'node01' });
  await cluster.clock.advance(39_000);
  assert.deepEqual(seen, ['ADDED Pending undefined']);
  await cluster.clock.advance(1_000);
  assert.deepEqual(seen.slice(1), [
    'MODIFIED Failed PodGC: node no longer exists',
    'DELETED Failed PodGC: node no longer exists',
  ]);
});
