import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ClusterClient } from '../../../client/client.ts';
import { podDisruptionBudgets, pods } from '../../../kinds/resources.ts';
import { Caller } from '../../fake-caller.ts';
import { listen, startForTest } from '../../fake-surroundings.ts';

const RUNNING = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

async function withPod(client: ClusterClient, name: string, status: object): Promise<void> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'nginx' }] },
  };
  await client.create(pods, pod);
  await client.patch(
    pods,
    { name, namespace: 'default' },
    { status: { ...status } },
    { subresource: 'status' },
  );
}

/** A budget as its controller leaves it. */
async function withBudget(client: ClusterClient, name: string, spec: object, status: object) {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } }, ...spec },
  };
  await client.create(podDisruptionBudgets, budget);
  const counted = { observedGeneration: 1, expectedPods: 2, ...status };
  await client.update(
    podDisruptionBudgets,
    { ...budget, status: counted },
    { subresource: 'status' },
  );
}

test('an eviction takes from the budget what it allows, says what the budget needs, and as a dry run takes nothing', async () => {
  const { api: started, clock } = await startForTest();
  await using api = started;
  await using server = await listen(api);
  const client = api.client('test');
  for (const name of ['a', 'b']) await withPod(client, name, RUNNING);
  const status = { currentHealthy: 2, desiredHealthy: 1, disruptionsAllowed: 1 };
  await withBudget(client, 'web', {}, status);
  const evict = async (name: string, deleteOptions = {}) => {
    const path = `/api/v1/namespaces/default/pods/${name}/eviction`;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, deleteOptions };
    return (await new Caller(api, server.port).call('POST', path, body)).json;
  };
  const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  assert.deepEqual(await evict('a', { dryRun: ['All'] }), done);
  assert.equal(client.list(pods, { namespace: 'default' }).length, 2);
  assert.deepEqual(await evict('a'), done);
  const budget = client.get(podDisruptionBudgets, 'web', 'default');
  assert.equal(budget?.status?.disruptionsAllowed, 0);
  const now = new Date(clock.now()).toISOString().replace('.000', '');
  assert.deepEqual(budget.status.disruptedPods, { a: now });
  assert.deepEqual(await evict('b'), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    reason: 'TooManyRequests',
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget web needs 1 healthy pods and has 2 currently',
        },
      ],
    },
    code: 429,
  });
});

test('pods that are not ready are evicted when enough others are healthy, or always if their budget says so', async () => {
  await using api = (await startForTest()).api;
  await using server = await listen(api);
  const client = api.client('test');
  for (const name of ['a', 'b']) await withPod(client, name, { phase: 'Running' });
  const evict = async (name: string) => {
    const path = `/api/v1/namespaces/default/pods/${name}/eviction`;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
    return (await new Caller(api, server.port).call('POST', path, body)).status;
  };
  const status = { currentHealthy: 0, desiredHealthy: 1, disruptionsAllowed: 0 };
  await withBudget(client, 'web', {}, status);
  assert.equal(await evict('a'), 429);
  await client.patch(
    podDisruptionBudgets,
    { name: 'web', namespace: 'default' },
    { status: { currentHealthy: 1 } },
    { subresource: 'status' },
  );
  assert.equal(await evict('a'), 201);
  await client.delete(podDisruptionBudgets, { name: 'web', namespace: 'default' });
  await withBudget(client, 'mild', { unhealthyPodEvictionPolicy: 'AlwaysAllow' }, status);
  assert.equal(await evict('b'), 201);
});
