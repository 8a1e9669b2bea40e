import assert from 'node:assert/strict';
import { test } from 'node:test';

import { definition } from '../schemas/load.ts';
import { parseStrict, unknownFields } from './decode.ts';

test('parseStrict() keeps the last of duplicate fields and names each with its path', () => {
  const text = `{"spec": {"replicas": 1, "replicas": 2, "list": [{"a": "}"}, {"a": 1, "b": "\\"", "a": 2}]}, "spec2": 1}`;
  assert.deepEqual(parseStrict(text), {
    value: { spec: { replicas: 2, list: [{ a: '}' }, { a: 2, b: '"' }] }, spec2: 1 },
    problems: [
      { message: 'duplicate field "spec.replicas"' },
      { message: 'duplicate field "spec.list[1].a"' },
    ],
  });
});

test('unknownFields() names misspelt fields of a Deployment in the order of the object', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { any: 'x' }, lables: {} },
    spec: {
      replica: 2,
      template: { spec: { containers: [{ name: 'a' }, { name: 'b', imagePullPolice: 'Always' }] } },
    },
    statuss: {},
  };
  assert.deepEqual(
    unknownFields(definition('io.k8s.api.apps.v1.Deployment'), deployment).map(
      ({ message }) => message,
    ),
    [
      'unknown field "metadata.lables"',
      'unknown field "spec.replica"',
      'unknown field "spec.template.spec.containers[1].imagePullPolice"',
      'unknown field "statuss"',
    ],
  );
});

test('unknownFields() stops after a hundred', () => {
  const data = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x${i}`, i]));
  assert.equal(unknownFields(definition('io.k8s.api.core.v1.ConfigMap'), data).length, 100);
});
