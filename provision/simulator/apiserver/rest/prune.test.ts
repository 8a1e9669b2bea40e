import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Schema } from '../../kinds/kind.ts';
import { pruneUnknown } from './prune.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        parts: {
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' } } },
        },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', properties: {}, preservesUnknownFields: true },
      },
    },
  },
};

test('pruneUnknown() takes away what the schema does not name, however it is called', () => {
  const object = {
    kind: 'Boat',
    spec: {
      size: 1,
      constructor: 2,
      parts: [{ name: 'a', toString: 'b' }],
      labels: { any: 'x' },
      free: { any: { thing: 1 } },
    },
  };
  assert.deepEqual(pruneUnknown(object, schema), {
    kind: 'Boat',
    spec: {
      size: 1,
      parts: [{ name: 'a' }],
      labels: { any: 'x' },
      free: { any: { thing: 1 } },
    },
  });
});

test('pruneUnknown() gives back the same object when all of it is known', () => {
  const object = { spec: { size: 1, parts: [{ name: 'a' }] } };
  assert.equal(pruneUnknown(object, schema), object);
});
