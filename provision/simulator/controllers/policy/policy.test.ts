import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  clusterRoles,
  configMaps,
  events,
  podDisruptionBudgets,
  pods,
  replicaSets,
  resourceQuotas,
} from '../../kinds/resources.ts';
import { FakeCluster, readyStatus } from '../fake-cluster.ts';
import { EVENT_LIMIT } from '../limits.ts';
import { controllerReference } from '../owners.ts';
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts';
import { disruptionBudgetController } from './disruption-budget.ts';
import { eventLimitController } from './event-limit.ts';
import { resourceQuotaController } from './resource-quota.ts';

const NOW = '2026-01-01T00:00:00Z';

test('a disruption budget says how many of the wanted pods may go', async () => {
  await using cluster = new FakeCluster();
  const set = await cluster.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 4 },
  });
  for (const name of ['a', 'b', 'c']) {
    const pod = await cluster.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'default',
        labels: { app: 'web' },
        ownerReferences: [controllerReference(set)],
      },
    });
    if (name !== 'c') await cluster.reportPod(pod, readyStatus('10.244.1.2', NOW));
  }
  const limits = {
    half: { minAvailable: '50%' },
    one: { maxUnavailable: 1 },
    two: { minAvailable: 1 },
  };
  for (const [name, limit] of Object.entries(limits)) {
    await cluster.create(podDisruptionBudgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } }, ...limit },
    });
  }
  await cluster.run(disruptionBudgetController);
  const [half, one, two] = cluster.list(podDisruptionBudgets).map(({ status }) => status);
  const condition = {
    type: 'DisruptionAllowed',
    message: '',
    observedGeneration: 1,
    lastTransitionTime: NOW,
  };
  assert.deepEqual(half, {
    conditions: [{ ...condition, status: 'False', reason: 'InsufficientPods' }],
    currentHealthy: 2,
    desiredHealthy: 2,
    disruptionsAllowed: 0,
    expectedPods: 4,
    observedGeneration: 1,
  });
  assert.deepEqual([one?.desiredHealthy, one?.disruptionsAllowed], [3, 0]);
  assert.deepEqual([two?.expectedPods, two?.disruptionsAllowed], [3, 1]);
  assert.equal(two?.conditions?.[0]?.reason, 'SufficientPods');
});

test('a quota counts what its namespace uses', async () => {
  await using cluster = new FakeCluster();
  const hard = {
    pods: '5',
    'requests.cpu': '2',
    'limits.memory': '1Gi',
    configmaps: '3',
    'count/replicasets.apps': '1',
  };
  await cluster.create(resourceQuotas, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'small', namespace: 'default' },
    spec: { hard },
  });
  await cluster.run(resourceQuotaController);
  const resources = { requests: { cpu: '250m' }, limits: { memory: '128Mi' } };
  for (const name of ['a', 'b']) {
    await cluster.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'c', resources }] },
    });
  }
  const metadata = { name: 'map', namespace: 'default' };
  await cluster.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.list(resourceQuotas)[0]?.status, {
    hard,
    used: {
      pods: '2',
      'requests.cpu': '500m',
      'limits.memory': '256Mi',
      configmaps: '1',
      'count/replicasets.apps': '0',
    },
  });
});

function rule(resource: string) {
  return { apiGroups: [''], resources: [resource], verbs: ['get'] };
}

test('an aggregated ClusterRole has each rule of its parts once, and follows them', async () => {
  await using cluster = new FakeCluster();
  const add = (name: string, more: object, labels = {}) =>
    cluster.create(clusterRoles, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name, labels },
      ...more,
    });
  const matchLabels = { part: 'of-all' };
  await add('all', { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } });
  await add('a', { rules: [rule('pods'), rule('secrets')] }, matchLabels);
  await add('other', { rules: [rule('nodes')] });
  await cluster.run(clusterRoleAggregationController);
  await add('b', { rules: [rule('pods'), rule('events')] }, matchLabels);
  await cluster.clock.advance(0);
  assert.deepEqual(cluster.get(clusterRoles, 'all')?.rules, [
    rule('pods'),
    rule('secrets'),
    rule('events'),
  ]);
});

test('beyond the limit the oldest events go', async () => {
  await using cluster = new FakeCluster();
  await cluster.run(eventLimitController);
  for (let index = 0; index <= EVENT_LIMIT; index++) {
    const lastTimestamp = new Date(Date.parse(NOW) + index * 1_000).toISOString();
    await cluster.create(events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `e${index}`, namespace: 'default' },
      involvedObject: {},
      lastTimestamp,
    });
  }
  await cluster.clock.advance(0);
  const left = cluster.list(events).map(({ metadata }) => Number(metadata.name.slice(1)));
  assert.deepEqual([left.length, Math.min(...left)], [900, EVENT_LIMIT - 899]);
});
