import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type SchemaSource, validateYaml } from './validate.ts';

const ALL = {
  'example.Meta': {
    type: 'object',
    properties: {
      name: { type: 'string' },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
  'example.Boat': {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { allOf: [{ $ref: '#/components/schemas/example.Meta' }] },
      spec: {
        type: 'object',
        required: ['sails'],
        properties: {
          sails: {
            type: 'array',
            items: {
              type: 'object',
              required: ['area'],
              properties: { area: { type: 'integer' }, ratio: { type: 'number' } },
            },
          },
          rig: { type: 'string', enum: ['SLOOP', 'KETCH'] },
          port: { 'x-kubernetes-int-or-string': true },
          motor: { type: 'boolean' },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  },
};

const source: SchemaSource = {
  versions: async () => ['v1', 'sea.example/v1'],
  kinds: async (apiVersion) =>
    apiVersion === 'sea.example/v1'
      ? new Map([['Boat', { schema: ALL['example.Boat'], all: ALL }]])
      : apiVersion === 'v1'
        ? new Map()
        : undefined,
};

const HEAD = 'apiVersion: sea.example/v1\nkind: Boat\n';

/** What is wrong, each with the text that is marked. */
async function problemsOf(text: string, from: SchemaSource | undefined = source) {
  const problems = await validateYaml(text, from);
  return problems.map(({ from: start, to, ...problem }) => [text.slice(start, to), problem]);
}

test('an object that is as its schema says has no problems', async () => {
  const text = `${HEAD}metadata:
  name: x
  labels: {a: b}
spec:
  sails: [{area: 3, ratio: 1}]
  rig: SLOOP
  port: "http"
  motor: true
  any: {thing: [1]}
`;
  assert.deepEqual(await problemsOf(`${text}---\n${text}`), []);
});

test('unknown fields, wrong types, missing fields and wrong values are marked where they stand', async () => {
  const text = `${HEAD}metadata:
  nam: x
  labels: {a: 1}
spec:
  sails:
  - aera: 3
  - area: 1.5
  rig: YAWL
  motor: "no"
`;
  assert.deepEqual(await problemsOf(text), [
    ['nam', { type: 'unknownField', parent: 'metadata', field: 'nam', suggestion: 'name' }],
    ['1', { type: 'type', field: 'a', expected: 'string', actual: 'integer' }],
    ['aera', { type: 'unknownField', parent: 'sails', field: 'aera', suggestion: 'area' }],
    ['aera', { type: 'required', field: 'area' }],
    ['1.5', { type: 'type', field: 'area', expected: 'integer', actual: 'number' }],
    ['YAWL', { type: 'enum', field: 'rig', values: ['SLOOP', 'KETCH'] }],
    ['"no"', { type: 'type', field: 'motor', expected: 'boolean', actual: 'string' }],
  ]);
});

test('unknown kinds and versions are named with what was probably meant', async () => {
  assert.deepEqual(await problemsOf('apiVersion: sea.example/v2\nkind: Boat\n'), [
    [
      'sea.example/v2',
      { type: 'unknownVersion', apiVersion: 'sea.example/v2', suggestion: 'sea.example/v1' },
    ],
  ]);
  assert.deepEqual(await problemsOf('apiVersion: sea.example/v1\nkind: boat\n'), [
    [
      'boat',
      { type: 'unknownKind', kind: 'boat', apiVersion: 'sea.example/v1', suggestion: 'Boat' },
    ],
  ]);
  assert.deepEqual(await problemsOf('kind: Boat\n'), [['kind', { type: 'noKind' }]]);
});

test('the objects of a list are checked as if each stood alone', async () => {
  const text = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: sea.example/v1\n  kind: Boat\n  spec: {}\n`;
  assert.deepEqual(await problemsOf(text), [['spec', { type: 'required', field: 'sails' }]]);
});

test('syntax is checked in each document, with or without a cluster', async () => {
  const problems = await problemsOf('a: 1\n---\nb: [1\n---\nc: 1\nc: 2\n', undefined);
  assert.deepEqual(
    problems.map(([, problem]) => problem),
    [
      {
        type: 'syntax',
        message: 'Flow sequence in block collection must be sufficiently indented and end with a ]',
      },
      { type: 'syntax', message: 'Map keys must be unique' },
    ],
  );
});

test('what holds no Kubernetes objects, or is read by tools, is left alone', async () => {
  assert.deepEqual(await problemsOf('replicas: 3\n'), []);
  assert.deepEqual(
    await problemsOf('apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\n'),
    [],
  );
  assert.deepEqual(await problemsOf('- 1\n---\n\n---\ntext\n'), []);
});

test('aliases, merged maps, empty values and circles of schemas end', async () => {
  const circle = { $ref: '#/components/schemas/circle' };
  const round: SchemaSource = {
    versions: async () => [],
    kinds: async () => new Map([['Boat', { schema: circle, all: { circle } }]]),
  };
  assert.deepEqual(await problemsOf(`${HEAD}spec: &a\n  b: *a\n`, round), []);
  assert.deepEqual(await problemsOf(`${HEAD}spec:\n  <<: {x: 1}\n  y: 1\n`), []);
  assert.deepEqual(await problemsOf(`${HEAD}spec:\n`), []);
});
