import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Schema } from '../../kinds/kind.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const string: Schema = { type: 'string' };
const container: Schema = {
  type: 'object',
  properties: {
    name: string,
    image: string,
    ports: {
      type: 'array',
      mergeKey: 'containerPort',
      mergeStrategy: ['merge'],
      items: { type: 'object' },
    },
    command: { type: 'array', items: string },
  },
};
const schema: Schema = {
  type: 'object',
  properties: {
    finalizers: { type: 'array', mergeStrategy: ['merge'], items: string },
    labels: { type: 'object', additionalProperties: string },
    containers: { type: 'array', mergeKey: 'name', mergeStrategy: ['merge'], items: container },
    strategy: { type: 'object', mergeStrategy: ['retainKeys'] },
    selector: { type: 'object', mergeStrategy: ['replace'] },
  },
};

const web = { name: 'web', image: 'web:1', ports: [{ containerPort: 80 }], command: ['run'] };
const sidecar = { name: 'proxy', image: 'proxy:1' };

test('strategicMergePatch() merges list items by their merge key and replaces lists without one', () => {
  assert.deepEqual(
    strategicMergePatch(
      { containers: [web, sidecar] },
      {
        containers: [
          { name: 'web', image: 'web:2', ports: [{ containerPort: 81 }], command: ['go'] },
        ],
      },
      schema,
    ),
    {
      containers: [
        {
          name: 'web',
          image: 'web:2',
          ports: [{ containerPort: 81 }, { containerPort: 80 }],
          command: ['go'],
        },
        sidecar,
      ],
    },
  );
});

test('strategicMergePatch() obeys $setElementOrder and leaves items that it does not name in their place', () => {
  assert.deepEqual(
    strategicMergePatch(
      { containers: [sidecar, web] },
      {
        '$setElementOrder/containers': [{ name: 'web' }, { name: 'new' }],
        containers: [{ name: 'new', image: 'new:1' }],
      },
      schema,
    ),
    { containers: [sidecar, web, { name: 'new', image: 'new:1' }] },
  );
});

test('strategicMergePatch() deletes and replaces by $patch, $retainKeys, $deleteFromPrimitiveList and null', () => {
  assert.deepEqual(
    strategicMergePatch(
      {
        containers: [web, sidecar],
        finalizers: ['a', 'b', 'c'],
        labels: { app: 'web', tier: 'front' },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
        selector: { matchLabels: { app: 'web' } },
      },
      {
        containers: [{ $patch: 'delete', name: 'proxy' }],
        '$deleteFromPrimitiveList/finalizers': ['b'],
        finalizers: ['d'],
        labels: { tier: null, track: 'stable' },
        strategy: { $retainKeys: ['type'], type: 'Recreate' },
        selector: { matchExpressions: [] },
      },
      schema,
    ),
    {
      containers: [web],
      finalizers: ['d', 'a', 'c'],
      labels: { app: 'web', track: 'stable' },
      strategy: { type: 'Recreate' },
      selector: { matchExpressions: [] },
    },
  );
  assert.deepEqual(
    strategicMergePatch(
      { labels: { app: 'web' }, containers: [web] },
      { labels: { $patch: 'replace', a: 'b' }, containers: [{ $patch: 'replace' }, sidecar] },
      schema,
    ),
    { labels: { a: 'b' }, containers: [sidecar] },
  );
});

test('strategicMergePatch() refuses an item without its merge key', () => {
  assert.throws(
    () => strategicMergePatch({ containers: [web] }, { containers: [{ image: 'x' }] }, schema),
    {
      code: 500,
      message: 'map: map[image:x] does not contain declared merge key: name',
    },
  );
});

function manyNamed(prefix: string) {
  return Array.from({ length: 20_000 }, (_, index) => ({ name: `${prefix}${index}`, image: 'i' }));
}

test('strategicMergePatch() merges, orders and empties long lists without a walk for each item', () => {
  const old = manyNamed('old');
  const added = manyNamed('new');
  const text = added.map(({ name }) => name);
  const startMs = performance.now();
  const merged = strategicMergePatch(
    { containers: old, finalizers: text },
    {
      '$setElementOrder/containers': added.map(({ name }) => ({ name })),
      containers: added,
      finalizers: [...text, 'last'],
    },
    schema,
  );
  assert.deepEqual(merged, { containers: [...added, ...old], finalizers: [...text, 'last'] });
  const emptied = strategicMergePatch(
    merged,
    {
      containers: [...old, ...added].map(({ name }) => ({ name, $patch: 'delete' })),
      '$deleteFromPrimitiveList/finalizers': text,
    },
    schema,
  );
  assert.deepEqual(emptied, { containers: [], finalizers: ['last'] });
  assert.ok(performance.now() - startMs < 10_000);
});
