import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Deployment, ReplicaSet } from '../../kinds/types/apps.ts';
import { DESIRED, fenceposts, MAXIMUM, type Scaling, type Sets } from './replica-sets.ts';
import { isScalingEvent, rollingUpdateStep, scalingStep } from './rollout.ts';

const TEMPLATE = { spec: { containers: [], restartPolicy: 'Always' } } as const;

function deployment(replicas: number, maxSurge: string, maxUnavailable: string): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'd', resourceVersion: '1', creationTimestamp: '' },
    spec: {
      replicas,
      selector: {},
      template: TEMPLATE,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
    },
    status: {},
  };
}

/** A set with so many replicas, of which so many are available; last scaled for a Deployment of `desired` and at most `maximum`. */
function set(
  name: string,
  [replicas, available]: readonly [number, number],
  annotations = {},
): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: name, annotations },
    spec: { replicas, selector: {}, template: TEMPLATE },
    status: { replicas, availableReplicas: available },
  };
}

function texts(scalings: readonly Scaling[]): readonly string[] {
  return scalings.map(({ set: { metadata, spec }, replicas }) => {
    return `${metadata.name} ${spec.replicas}→${replicas}`;
  });
}

function step(owner: Deployment, sets: Sets): readonly string[] {
  return texts(rollingUpdateStep(owner, sets));
}

test('fenceposts() rounds surge up and unavailability down, and never lets both be nothing', () => {
  assert.deepEqual(fenceposts(deployment(3, '25%', '25%')), { surge: 1, unavailable: 0 });
  assert.deepEqual(fenceposts(deployment(10, '25%', '25%')), { surge: 3, unavailable: 2 });
  assert.deepEqual(fenceposts(deployment(3, '0%', '10%')), { surge: 0, unavailable: 1 });
});

test('rollingUpdateStep() first grows the current set by the surge', () => {
  const sets = { current: set('b', [0, 0]), old: [set('a', [10, 10])] };
  assert.deepEqual(step(deployment(10, '25%', '25%'), sets), ['b 0→3']);
});

test('rollingUpdateStep() then shrinks old sets as far as enough pods stay available', () => {
  const sets = { current: set('b', [3, 0]), old: [set('a', [10, 10])] };
  assert.deepEqual(step(deployment(10, '25%', '25%'), sets), ['a 10→8']);
});

test('rollingUpdateStep() waits when new pods do not become available', () => {
  const sets = { current: set('b', [5, 0]), old: [set('a', [8, 8])] };
  assert.deepEqual(step(deployment(10, '25%', '25%'), sets), []);
});

test('rollingUpdateStep() gives up pods of old sets that are not available before those that are', () => {
  const sets = { current: set('c', [2, 2]), old: [set('a', [4, 4]), set('b', [3, 0])] };
  assert.deepEqual(step(deployment(6, '50%', '0%'), sets), ['b 3→0']);
});

test('rollingUpdateStep() shrinks a current set that is too big', () => {
  assert.deepEqual(step(deployment(2, '1', '0'), { current: set('a', [5, 5]), old: [] }), [
    'a 5→2',
  ]);
});

test('scalingStep() shares a change of the wanted number among sets in the middle of a rollout', () => {
  const annotations = { [DESIRED]: '10', [MAXIMUM]: '13' };
  const current = set('b', [5, 5], annotations);
  const old = [set('a', [8, 8], annotations)];
  const owner = deployment(20, '25%', '25%');
  assert.equal(isScalingEvent(owner, { current, old }), true);
  assert.deepEqual(texts(scalingStep(owner, { current, old })), ['a 8→15', 'b 5→10']);
});

test('scalingStep() scales the only active set to the wanted number', () => {
  const sets = { current: set('b', [3, 3]), old: [set('a', [0, 0])] };
  assert.deepEqual(texts(scalingStep(deployment(5, '25%', '25%'), sets)), ['b 3→5']);
});

test('scalingStep() ends old sets once the current one has all its replicas', () => {
  const current = set('b', [4, 4], { [DESIRED]: '4' });
  const sets = { current, old: [set('a', [2, 2])] };
  assert.deepEqual(texts(scalingStep(deployment(4, '25%', '25%'), sets)), ['a 2→0']);
});
