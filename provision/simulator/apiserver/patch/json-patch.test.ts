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

test('jsonPatch() takes no longer for a large document than for a small one', () => {
  const large = Object.fromEntries(
    Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 'v']),
  );
  const patches: readonly Json[] = [
    Array.from({ length: 10_000 }, (_, to) => ({ op: 'copy', from: '/data/k1', path: `/${to}` })),
    Array.from({ length: 10_000 }, () => ({ op: 'move', from: '/data', path: '/data' })),
    Array.from({ length: 10_000 }, () => ({ op: 'test', path: '/none', value: {} })),
    Array.from({ length: 10_000 }, () => ({ op: 'add', path: '/list/0', value: 1 })),
  ];
  const startMs = performance.now();
  for (const patch of patches) jsonPatch({ data: large, none: {}, list: [] }, patch);
  const lists = { list: Array.from({ length: 300_000 }, () => 1) };
  assert.throws(() => jsonPatch(lists, patches[3]), rejection);
  assert.ok(performance.now() - startMs < 10_000);
});

test('jsonPatch() takes keys for keys that JavaScript has another use for', () => {
  const patch = [
    { op: 'add', path: '/__proto__', value: { polluted: 'yes' } },
    { op: 'copy', from: '/__proto__', path: '/constructor' },
  ];
  const result = jsonPatch({}, patch);
  assert.deepEqual(Object.entries(result), [
    ['__proto__', { polluted: 'yes' }],
    ['constructor', { polluted: 'yes' }],
  ]);
  assert.throws(
    () => jsonPatch({}, [{ op: 'add', path: '/constructor/prototype/x', value: 1 }]),
    rejection,
  );
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
