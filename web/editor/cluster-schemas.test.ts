import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClusterSchemas } from './cluster-schemas.ts';

/** A cluster with one group, whose hash and kinds can be changed. */
function fakeCluster() {
  const cluster = { hash: 'one', kind: 'Boat', asked: Array.of<string>(), isDown: false };
  const client = {
    async schemas(group?: string): Promise<unknown> {
      cluster.asked.push(group ?? 'index');
      if (cluster.isDown) throw new Error('down');
      if (group === undefined) {
        return {
          paths: {
            'api/v1': { serverRelativeURL: `/openapi/v3/api/v1?hash=x` },
            'apis/sea.example/v1': {
              serverRelativeURL: `/openapi/v3/apis/sea.example/v1?hash=${cluster.hash}`,
            },
            'apis/sea.example': { serverRelativeURL: '/openapi/v3/apis/sea.example?hash=y' },
          },
        };
      }
      const own = [{ group: 'sea.example', version: 'v1', kind: cluster.kind }];
      return {
        components: {
          schemas: { boat: { type: 'object', 'x-kubernetes-group-version-kind': own } },
        },
      };
    },
  };
  return { cluster, client };
}

test('schemas are read once, and again when the cluster says that they have changed', async () => {
  const { cluster, client } = fakeCluster();
  let now = 0;
  const schemas = new ClusterSchemas(client, () => now);
  const names = async () => [...((await schemas.kinds('sea.example/v1'))?.keys() ?? [])];
  assert.deepEqual([await names(), await names()], [['Boat'], ['Boat']]);
  cluster.hash = 'two';
  cluster.kind = 'Ship';
  assert.deepEqual(await names(), ['Boat']);
  now = 10_000;
  assert.deepEqual(await names(), ['Ship']);
  assert.deepEqual(cluster.asked, ['index', 'apis/sea.example/v1', 'index', 'apis/sea.example/v1']);
  assert.deepEqual(await schemas.versions(), ['v1', 'sea.example/v1']);
  assert.equal(await schemas.kinds('sea.example/v2'), undefined);
});

test('a cluster that did not answer is asked again', async () => {
  const { cluster, client } = fakeCluster();
  const schemas = new ClusterSchemas(client, () => 0);
  cluster.isDown = true;
  await assert.rejects(schemas.kinds('sea.example/v1'));
  cluster.isDown = false;
  assert.deepEqual([...((await schemas.kinds('sea.example/v1'))?.keys() ?? [])], ['Boat']);
});
