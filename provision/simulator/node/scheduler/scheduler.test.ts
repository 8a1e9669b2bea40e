import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeCluster } from '../controllers/fake-cluster.ts';
import { nodes, pods } from '../kinds/resources.ts';
import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  PodSpec,
} from '../kinds/types/core.ts';
import { chooseNode, schedulerController } from './scheduler.ts';

const CONTROL_PLANE = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

function node(name: string, spec: Node['spec'] = {}, labels = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', labels },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
  };
}

function pod(name: string, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
    },
    spec: { containers: [{ name: 'c', image: 'nginx' }], restartPolicy: 'Always', ...spec },
    status: { phase: 'Pending' },
  };
}

function asking(requests: Readonly<Record<string, string>>): Partial<PodSpec> {
  return { containers: [{ name: 'c', image: 'nginx', resources: { requests } }] };
}

const CLUSTER = [node('controlplane', { taints: [CONTROL_PLANE] }), node('node01')];

test('chooseNode() takes the node whose taints the pod bears', () => {
  assert.deepEqual(chooseNode(pod('web'), CLUSTER, []), { type: 'node', node: 'node01' });
});

test('chooseNode() tells in the scheduler’s sentence why no node will do', () => {
  assert.deepEqual(chooseNode(pod('web', asking({ cpu: '5', memory: '9Gi' })), CLUSTER, []), {
    type: 'none',
    message:
      '0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  });
  assert.deepEqual(chooseNode(pod('web', { nodeSelector: { disk: 'ssd' } }), CLUSTER, []), {
    type: 'none',
    message:
      "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  });
  assert.deepEqual(chooseNode(pod('web'), [node('a', { unschedulable: true })], []), {
    type: 'none',
    message:
      '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  });
  assert.deepEqual(chooseNode(pod('web'), [], []), {
    type: 'none',
    message: 'no nodes available to schedule pods',
  });
});

test('chooseNode() counts what the pods on a node have asked for already', () => {
  const placed = [{ ...pod('old', { ...asking({ cpu: '3' }), nodeName: 'a' }) }];
  const all = [node('a'), node('b')];
  assert.deepEqual(chooseNode(pod('web', asking({ cpu: '2' })), all, placed), {
    type: 'node',
    node: 'b',
  });
});

test('chooseNode() spreads pods, and those of one owner first of all', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'set' };
  const owned = (one: Pod): Pod => ({
    ...one,
    metadata: { ...one.metadata, ownerReferences: [owner] },
  });
  const placed = [
    owned(pod('web-1', { nodeName: 'a' })),
    pod('x', { nodeName: 'b' }),
    pod('y', { nodeName: 'b' }),
  ];
  const all = [node('a'), node('b')];
  assert.deepEqual(chooseNode(owned(pod('web-2')), all, placed), { type: 'node', node: 'b' });
  assert.deepEqual(chooseNode(pod('other'), all, placed), { type: 'node', node: 'a' });
});

function label(
  key: string,
  operator: NodeSelectorRequirement['operator'],
  ...values: readonly string[]
) {
  return { matchExpressions: [{ key, operator, values }] };
}

test('chooseNode() follows required node affinity by labels and by name', () => {
  const all = [node('a', {}, { zone: 'x' }), node('b', {}, { zone: 'y', memory: '64' })];
  const placeOf = (term: NodeSelectorTerm) => {
    const nodeSelectorTerms = [term];
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    };
    const choice = chooseNode(pod('web', { affinity }), all, []);
    return choice.type === 'node' ? choice.node : undefined;
  };
  assert.equal(placeOf(label('zone', 'In', 'y', 'z')), 'b');
  assert.equal(placeOf(label('zone', 'NotIn', 'y')), 'a');
  assert.equal(placeOf(label('memory', 'Exists')), 'b');
  assert.equal(placeOf(label('memory', 'DoesNotExist')), 'a');
  assert.equal(placeOf(label('memory', 'Gt', '32')), 'b');
  assert.equal(placeOf(label('memory', 'Lt', '32')), undefined);
  const matchFields = [{ key: 'metadata.name', operator: 'In' as const, values: ['b'] }];
  assert.equal(placeOf({ matchFields }), 'b');
});

test('the scheduler binds pods, says once why one must wait, and looks again when a node changes', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(nodes, { ...node('node01', { unschedulable: true }) });
  await cluster.create(pods, { ...pod('web') });
  await cluster.run(schedulerController);
  await cluster.clock.advance(60_000);
  const [waiting] = cluster.list(pods);
  assert.deepEqual(waiting?.status, {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message:
          '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  });
  const known = cluster.get(nodes, 'node01') ?? assert.fail();
  await cluster.update(nodes, { ...known, spec: {} });
  await cluster.clock.advance(0);
  assert.equal(cluster.get(pods, 'web', 'default')?.spec.nodeName, 'node01');
  assert.deepEqual(cluster.eventTexts(), [
    'Warning FailedScheduling web: 0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    'Normal Scheduled web: Successfully assigned default/web to node01',
  ]);
});

test('pods of another scheduler and pods with scheduling gates are left alone', async () => {
  await using cluster = new FakeCluster();
  await cluster.create(nodes, { ...node('node01') });
  await cluster.create(pods, { ...pod('other', { schedulerName: 'own' }) });
  await cluster.create(pods, { ...pod('gated', { schedulingGates: [{ name: 'wait' }] }) });
  await cluster.run(schedulerController);
  assert.deepEqual(
    cluster.list(pods).map(({ spec }) => spec.nodeName),
    [undefined, undefined],
  );
});
