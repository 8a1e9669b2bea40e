import assert from 'node:assert/strict';
import { test } from 'node:test';

import type {
  Affinity,
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  TopologySpreadConstraint,
} from '../../kinds/types/core.ts';
import { chooseNode } from './choose.ts';
import { asking, node, pod, snapshot } from './fake-snapshot.ts';

const CONTROL_PLANE = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
const CLUSTER = [node('controlplane', { taints: [CONTROL_PLANE] }), node('node01')];
const UNTOLERATED = '1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }';

/** The node, or the message. */
function chosen(one: Pod, nodes: readonly Node[], placed: readonly Pod[] = []): string {
  const choice = chooseNode(one, snapshot(nodes, placed));
  return choice.type === 'node' ? choice.node : choice.message;
}

test('chooseNode() takes the node whose taints the pod bears, and rather one without taints at all', () => {
  assert.equal(chosen(pod('web'), CLUSTER), 'node01');
  const avoided = node('a', { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] });
  assert.equal(chosen(pod('web'), [avoided, node('b')]), 'b');
});

const port = (hostPort: number) => ({
  containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80, hostPort }] }],
});

const REFUSALS: readonly (readonly [string, Pod, string])[] = [
  [
    'too big for any node',
    pod('web', asking({ cpu: '5', memory: '9Gi' })),
    `0/2 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, ${UNTOLERATED}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
  ],
  [
    'too big for what is left',
    pod('web', asking({ cpu: '2' })),
    `0/2 nodes are available: 1 Insufficient cpu, ${UNTOLERATED}. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.`,
  ],
  [
    'a pod that must not preempt',
    pod('web', { ...asking({ cpu: '2' }), preemptionPolicy: 'Never' }),
    `0/2 nodes are available: 1 Insufficient cpu, ${UNTOLERATED}. preemption: not eligible due to preemptionPolicy=Never.`,
  ],
  [
    'a selector that fits no node',
    pod('web', { nodeSelector: { disk: 'ssd' } }),
    `0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, ${UNTOLERATED}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`,
  ],
  [
    'a host port that is taken',
    pod('web', port(8080)),
    `0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, ${UNTOLERATED}. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.`,
  ],
  [
    'a daemon for a node that is full',
    pod('daemon', {
      ...asking({ cpu: '2' }),
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node01'] }] },
            ],
          },
        },
      },
    }),
    "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
  ],
];

test('chooseNode() tells in the scheduler’s sentence why no node will do', () => {
  const placed = [
    pod('old', { ...asking({ cpu: '3' }), nodeName: 'node01' }),
    pod('port', { ...port(8080), nodeName: 'node01' }),
  ];
  for (const [name, one, message] of REFUSALS) {
    assert.equal(chosen(one, CLUSTER, placed), message, name);
  }
  assert.equal(
    chosen(pod('web'), [node('a', { unschedulable: true })]),
    '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
  assert.equal(chosen(pod('web'), []), 'no nodes available to schedule pods');
});

test('chooseNode() spreads pods, and those of one owner first of all', () => {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'set' };
  const own = { ownerReferences: [{ ...owner, controller: true }] };
  const placed = [
    pod('web-1', { nodeName: 'a' }, own),
    pod('x', { nodeName: 'b' }),
    pod('y', { nodeName: 'b' }),
  ];
  const all = [node('a'), node('b')];
  assert.equal(chosen(pod('web-2', {}, own), all, placed), 'b');
  assert.equal(chosen(pod('other'), all, placed), 'a');
});

function label(
  key: string,
  operator: NodeSelectorRequirement['operator'],
  ...values: readonly string[]
) {
  return { matchExpressions: [{ key, operator, values }] };
}

test('chooseNode() follows node affinity by labels and by name, required and preferred', () => {
  const all = [node('a', {}, { zone: 'x' }), node('b', {}, { zone: 'y', memory: '64' })];
  const placeOf = (term: NodeSelectorTerm) => {
    const nodeSelectorTerms = [term];
    const affinity = {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
    };
    const choice = chooseNode(pod('web', { affinity }), snapshot(all));
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
  const preferredDuringSchedulingIgnoredDuringExecution = [
    { weight: 10, preference: label('zone', 'In', 'y') },
    { weight: 1, preference: label('zone', 'In', 'x') },
  ];
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution } };
  assert.equal(chosen(pod('web', { affinity }), all), 'b');
});

const HOSTS = ['a', 'b'].map((name) => node(name, {}, { host: name, zone: 'z' }));
const WEB = { labels: { app: 'web' } };
const near = (topologyKey: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: { app: 'web' } },
  ...more,
});
const required = (term: PodAffinityTerm) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [term],
});
const refusal = (reason: string, preemption: string) =>
  `0/2 nodes are available: 2 node(s) didn't ${reason}. preemption: 0/2 nodes are available: 2 ${preemption}.`;
const HOPELESS = 'Preemption is not helpful for scheduling';
const NO_VICTIMS = 'No preemption victims found for incoming pod';

test('chooseNode() puts pods near others and away from them, by topology and namespace', () => {
  const there = pod('web-1', { nodeName: 'b' }, WEB);
  const cases: readonly (readonly [Affinity, string])[] = [
    [{ podAffinity: required(near('host')) }, 'b'],
    [{ podAntiAffinity: required(near('host')) }, 'a'],
    [{ podAffinity: required(near('rack')) }, refusal('match pod affinity rules', HOPELESS)],
    [
      { podAntiAffinity: required(near('zone')) },
      refusal('match pod anti-affinity rules', NO_VICTIMS),
    ],
    [
      { podAffinity: required(near('host', { namespaces: ['shop'] })) },
      refusal('match pod affinity rules', HOPELESS),
    ],
    [{ podAffinity: required(near('host', { namespaceSelector: {} })) }, 'b'],
  ];
  for (const [affinity, expected] of cases) {
    assert.equal(chosen(pod('new', { affinity }), HOSTS, [there]), expected);
  }
  const preferred = {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: near('host') }],
  };
  assert.equal(chosen(pod('new', { affinity: { podAffinity: preferred } }), HOSTS, [there]), 'b');
  assert.equal(
    chosen(pod('new', { affinity: { podAntiAffinity: preferred } }), HOSTS, [there]),
    'a',
  );
});

test('chooseNode() lets the first of a group in, and heeds what pods that are there will not have near', () => {
  const first = pod('web-1', { affinity: { podAffinity: required(near('host')) } }, WEB);
  assert.equal(chosen(first, HOSTS), 'a');
  const jealous = pod('lonely', {
    nodeName: 'a',
    affinity: { podAntiAffinity: required(near('zone')) },
  });
  assert.equal(
    chosen(pod('web-1', {}, WEB), HOSTS, [jealous]),
    refusal('satisfy existing pods anti-affinity rules', NO_VICTIMS),
  );
});

const spread = (more: Partial<TopologySpreadConstraint> = {}) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'host',
      whenUnsatisfiable: 'DoNotSchedule' as const,
      labelSelector: { matchLabels: { app: 'web' } },
      ...more,
    },
  ],
});

test('chooseNode() keeps the skew of topology spread constraints', () => {
  const placed = [pod('web-1', { nodeName: 'a' }, WEB)];
  const full = HOSTS.map((one) =>
    one.metadata.name === 'b' ? { ...one, status: { allocatable: { pods: '0', cpu: '4' } } } : one,
  );
  assert.equal(chosen(pod('web-2', spread(), WEB), HOSTS, placed), 'b');
  assert.equal(
    chosen(pod('web-2', spread(), WEB), full, placed),
    "0/2 nodes are available: 1 Too many pods, 1 node(s) didn't match pod topology spread constraints. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
  );
  assert.equal(
    chosen(pod('web-2', spread({ topologyKey: 'rack' }), WEB), HOSTS, placed),
    refusal('match pod topology spread constraints (missing required label)', HOPELESS),
  );
  const soft = spread({ whenUnsatisfiable: 'ScheduleAnyway' });
  assert.equal(chosen(pod('web-2', soft, WEB), HOSTS, placed), 'b');
  assert.equal(chosen(pod('web-2', soft, WEB), full, placed), 'a');
});

const old = (name: string, nodeName: string, cpu: string, priority: number) =>
  pod(name, { ...asking({ cpu }), nodeName, priority });

function isOn(place: string): (one: Pod) => boolean {
  return ({ spec }) => spec.nodeName === place;
}

test('chooseNode() sends away the fewest and least important pods that make room', () => {
  const placed = [
    old('a-low', 'a', '1', 1),
    old('a-mid', 'a', '3', 5),
    old('b-low', 'b', '2', 1),
    old('b-lower', 'b', '2', 0),
  ];
  const choice = chooseNode(
    pod('new', { ...asking({ cpu: '2' }), priority: 10 }),
    snapshot(HOSTS, placed),
  );
  assert.deepEqual(choice.type === 'none' && [choice.nominated, choice.victims, choice.message], [
    'b',
    [placed[3]],
    '0/2 nodes are available: 2 Insufficient cpu.',
  ]);
  const guarded = { ...snapshot(HOSTS, placed), isProtected: isOn('b') };
  const other = chooseNode(pod('new', { ...asking({ cpu: '2' }), priority: 10 }), guarded);
  assert.deepEqual(other.type === 'none' && [other.nominated, other.victims.length], ['a', 1]);
});

const container = (name: string, cpu: string, restartPolicy?: 'Always') => ({
  name,
  image: 'x',
  resources: { requests: { cpu } },
  ...(restartPolicy && { restartPolicy }),
});

test('chooseNode() counts an init container with the sidecars before it, and the overhead', () => {
  const one = pod('web', {
    initContainers: [container('proxy', '1', 'Always'), container('setup', '2500m')],
    containers: [container('app', '1')],
    overhead: { cpu: '500m' },
  });
  assert.equal(chosen(one, [node('a')]), 'a');
  const busy = [pod('old', { ...asking({ cpu: '1m' }), nodeName: 'a' })];
  assert.match(chosen(one, [node('a')], busy), /^0\/1 nodes are available: 1 Insufficient cpu\./);
});
