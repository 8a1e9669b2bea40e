import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from '../../kinds/object.ts';
import { JSON_PATCH_LIMIT_COPIED_BYTES, JSON_PATCH_LIMIT_OPERATIONS } from '../limits.ts';
import { jsonPatch } from './json-patch.ts';

const rejection = {
  code: 422,
  message: 'the server rejected our request due to an error in our request',
  details: {},
};

test('jsonPatch() carries out all operations of RFC 6902 and leaves its target alone', () => {
  const target = { list: ['a', 'b'], map: { 'x/y': 1 } };
  const result = jsonPatch(target, [
    { op: 'test', path: '/map/x~1y', value: 1 },
    { op: 'add', path: '/list/1', value: 'new' },
    { op: 'add', path: '/list/-', value: 'last' },
    { op: 'remove', path: '/list/0' },
    { op: 'replace', path: '/map/x~1y', value: 2 },
    { op: 'copy', from: '/map', path: '/copy' },
    { op: 'move', from: '/map/x~1y', path: '/moved' },
  ]);
  assert.deepEqual(result, {
    list: ['new', 'b', 'last'],
    map: {},
    copy: { 'x/y': 2 },
    moved: 2,
  });
  assert.deepEqual(target, { list: ['a', 'b'], map: { 'x/y': 1 } });
});

test('jsonPatch() rejects without further words what cannot be carried out, as upstream', () => {
  const patches: readonly Json[] = [
    [{ op: 'remove', path: '/none' }],
    [{ op: 'replace', path: '/none', value: 1 }],
    [{ op: 'add', path: '/list/9', value: 1 }],
    [{ op: 'test', path: '/list/0', value: 'b' }],
    [{ op: 'move', from: '/none', path: '/list/0' }],
    [{ op: 'turn', path: '/list' }],
    [{ op: 'copy', from: '/list' }],
    [{ op: 'replace', path: '', value: 'nothing' }],
  ];
  for (const patch of patches) {
    assert.throws(() => jsonPatch({ list: ['a'] }, patch), rejection, JSON.stringify(patch));
  }
});

test('jsonPatch() copies no more than a body may hold', () => {
  const text = 'x'.repeat(JSON_PATCH_LIMIT_COPIED_BYTES / 2);
  const copies = ['/a', '/b'].map((path) => ({ op: 'copy', from: '/text', path }));
  assert.throws(() => jsonPatch({ text }, copies), rejection);
});

test('jsonPatch() refuses too many operations and what is no list of them', () => {
  const operation = { op: 'test', path: '/a', value: 1 };
  const many = Array.from({ length: JSON_PATCH_LIMIT_OPERATIONS + 1 }, () => operation);
  assert.throws(() => jsonPatch({ a: 1 }, many), {
    code: 413,
    message:
      'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  });
  assert.throws(() => jsonPatch({ a: 1 }, operation), {
    code: 400,
    message:
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
  });
});
