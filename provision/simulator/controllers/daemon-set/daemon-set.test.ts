import assert from 'node:assert/strict';
import { test } from 'node:test';

import { daemonSets, nodes, pods } from '../../kinds/resources.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { isReady } from '../pods.ts';
import { nodeOfDaemon } from './daemon-pods.ts';
import { daemonSetController } from './daemon-set.ts';

const NOW = '2026-01-01T00:00:00Z';
const CONTROL_PLANE = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

async function clusterWith(podSpec = {}): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  const all = { controlplane: { taints: [CONTROL_PLANE] }, node01: {}, node02: {} };
  for (const [name, spec] of Object.entries(all)) await addNode(cluster, name, spec);
  await cluster.create(daemonSets, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: template('agent:1', podSpec),
    },
  });
  return cluster;
}

async function addNode(cluster: FakeCluster, name: string, spec = {}): Promise<void> {
  await cluster.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/os': 'linux' } },
    spec,
    status: {},
  });
  await cluster.clock.advance(0);
}

function template(image: string, podSpec = {}) {
  return {
    metadata: { labels: { app: 'agent' } },
    spec: { containers: [{ name: 'agent', image }], restartPolicy: 'Always', ...podSpec },
  };
}

function places(cluster: FakeCluster): readonly string[] {
  return cluster.list(pods).map(nodeOfDaemon).toSorted();
}

test('a DaemonSet has a pod on each node whose taints it bears, new nodes included', async () => {
  await using cluster = await clusterWith();
  await cluster.run(daemonSetController);
  assert.deepEqual(places(cluster), ['node01', 'node02']);
  await addNode(cluster, 'node03');
  assert.deepEqual(places(cluster), ['node01', 'node02', 'node03']);
  await cluster.delete(nodes, { name: 'node01' });
  await cluster.clock.advance(0);
  assert.deepEqual(places(cluster), ['node02', 'node03']);
});

test('tolerations and node selectors decide where daemons are', async () => {
  await using tolerant = await clusterWith({ tolerations: [{ operator: 'Exists' }] });
  await tolerant.run(daemonSetController);
  assert.deepEqual(places(tolerant), ['controlplane', 'node01', 'node02']);
  await using picky = await clusterWith({ nodeSelector: { 'kubernetes.io/os': 'plan9' } });
  await picky.run(daemonSetController);
  assert.deepEqual(places(picky), []);
});

test('a daemon stays on its node when the node is cordoned', async () => {
  await using cluster = await clusterWith();
  await cluster.run(daemonSetController);
  const node = cluster.get(nodes, 'node01') ?? assert.fail();
  const taints = [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }];
  await cluster.update(nodes, { ...node, spec: { unschedulable: true, taints } });
  await cluster.clock.advance(0);
  assert.deepEqual(places(cluster), ['node01', 'node02']);
});

test('a rolling update replaces one daemon at a time and counts in the status', async () => {
  await using cluster = await clusterWith();
  await cluster.run(daemonSetController);
  const run = async () => {
    for (const pod of cluster.list(pods).filter((one) => !isReady(one))) {
      await cluster.reportPod(pod, readyStatus('10.244.1.2', NOW));
    }
  };
  await run();
  const set = cluster.get(daemonSets, 'agent', 'default') ?? assert.fail();
  await cluster.update(daemonSets, {
    ...set,
    spec: { ...set.spec, template: template('agent:2') },
  });
  await cluster.clock.advance(0);
  const status = () => cluster.get(daemonSets, 'agent', 'default')?.status;
  assert.deepEqual(status(), {
    currentNumberScheduled: 2,
    numberMisscheduled: 0,
    desiredNumberScheduled: 2,
    numberReady: 1,
    observedGeneration: 2,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
    numberUnavailable: 1,
  });
  await run();
  await run();
  assert.deepEqual(
    cluster.list(pods).map(({ spec }) => spec.containers[0]?.image),
    ['agent:2', 'agent:2'],
  );
  assert.equal(status()?.updatedNumberScheduled, 2);
});

test('a surging update puts the new daemon beside the old one, which goes when the new is available', async () => {
  await using cluster = await clusterWith();
  await cluster.run(daemonSetController);
  const run = async () => {
    for (const pod of cluster.list(pods).filter((one) => !isReady(one))) {
      await cluster.reportPod(pod, readyStatus('10.244.1.2', NOW));
    }
  };
  await run();
  const set = cluster.get(daemonSets, 'agent', 'default') ?? assert.fail();
  const updateStrategy = {
    type: 'RollingUpdate',
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
  };
  const spec = { ...set.spec, template: template('agent:2'), updateStrategy };
  await cluster.update(daemonSets, { ...set, spec });
  await cluster.clock.advance(0);
  const images = () =>
    cluster
      .list(pods)
      .map((pod) => `${nodeOfDaemon(pod)} ${pod.spec.containers[0]?.image}`)
      .toSorted();
  assert.deepEqual(images(), ['node01 agent:1', 'node01 agent:2', 'node02 agent:1']);
  await run();
  assert.deepEqual(images(), ['node01 agent:2', 'node02 agent:1', 'node02 agent:2']);
  await run();
  assert.deepEqual(images(), ['node01 agent:2', 'node02 agent:2']);
});
