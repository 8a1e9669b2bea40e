import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../client/api-error.ts';
import type { ClusterClient, Resource } from '../../client/client.ts';
import { pods } from '../../kinds/resources.ts';
import { startForTest } from '../fake-surroundings.ts';

const limitRanges: Resource = {
  group: '',
  version: 'v1',
  plural: 'limitranges',
  kind: 'LimitRange',
  isNamespaced: true,
};

async function withLimits(client: ClusterClient, ...limits: readonly object[]): Promise<void> {
  await client.create(limitRanges, {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'bounds', namespace: 'default' },
    spec: { limits },
  });
}

/** The pod's own containers as they were stored, or the refusal. */
async function create(client: ClusterClient, spec: object): Promise<unknown> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec,
  };
  try {
    const { spec: stored } = await client.create(pods, pod);
    await client.delete(pods, { name: 'p', namespace: 'default' });
    return stored.containers.map(({ resources }) => resources);
  } catch (error) {
    return error instanceof ApiError ? error.message.replace('pods "p" is forbidden: ', '') : error;
  }
}

function container(name: string, resources: object = {}) {
  return { name, image: 'nginx', resources };
}

test('a LimitRange says of each bound how it is broken, several bounds in one list', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await withLimits(client, {
    type: 'Container',
    min: { cpu: '100m' },
    max: { cpu: '1', memory: '1Gi' },
    maxLimitRequestRatio: { cpu: '4' },
  });
  const fine = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } };
  const wide = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '150m' } };
  const small = { limits: { cpu: '50m', memory: '1Gi' } };
  const large = { limits: { cpu: '1500m', memory: '2Gi' }, requests: { cpu: '1' } };
  assert.deepEqual(
    [
      await create(client, { containers: [container('a', fine)] }),
      await create(client, { containers: [container('a', wide)] }),
      await create(client, { containers: [container('a', small)] }),
      await create(client, { containers: [container('a', large)] }),
    ],
    [
      [{ ...fine, requests: { cpu: '500m', memory: '1Gi' } }],
      'cpu max limit to request ratio per Container is 4, but provided ratio is 6.666667',
      'minimum cpu usage per Container is 100m, but request is 50m',
      '[maximum cpu usage per Container is 1, but limit is 1500m, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    ],
  );
});

test('a LimitRange for pods adds up containers, and takes an init container that needs more', async () => {
  await using api = (await startForTest()).api;
  const client = api.client('test');
  await withLimits(client, { type: 'Pod', max: { cpu: '1' } });
  const half = { limits: { cpu: '600m' } };
  assert.deepEqual(
    [
      await create(client, { containers: [container('a', half), container('b', half)] }),
      await create(client, {
        containers: [container('a', half)],
        initContainers: [container('i', { limits: { cpu: '2' } })],
      }),
      await create(client, { containers: [container('a', half), container('b')] }),
      await create(client, { containers: [container('a')] }),
    ],
    [
      'maximum cpu usage per Pod is 1, but limit is 1200m',
      'maximum cpu usage per Pod is 1, but limit is 2',
      [{ limits: { cpu: '600m' }, requests: { cpu: '600m' } }, {}],
      'maximum cpu usage per Pod is 1.  No limit is specified',
    ],
  );
});
