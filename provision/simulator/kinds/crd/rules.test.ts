import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asKubeObject } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { kindsOfCrd } from './kinds.ts';
import { validateCustomResourceDefinition } from './validate-definition.ts';

function definition(properties: JsonObject, rest: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'shirts.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'shirts', singular: 'shirt', kind: 'Shirt', listKind: 'ShirtList' },
      conversion: { strategy: 'None' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              ...rest,
              properties: { spec: { type: 'object', properties } },
            },
          },
        },
      ],
    },
  };
}

function shirt(spec: JsonObject) {
  return asKubeObject({
    apiVersion: 'example.com/v1',
    kind: 'Shirt',
    metadata: { name: 'a', namespace: 'default' },
    spec,
  });
}

function texts(errors: readonly FieldError[]): readonly string[] {
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

/** What the rules say about a new object, or about one that was `old`. */
function check(crd: JsonObject, spec: JsonObject, old?: JsonObject): readonly string[] {
  const [kind] = kindsOfCrd(asKubeObject(crd));
  assert.ok(kind);
  return texts(kind.validate(shirt(spec), old && shirt(old)));
}

function rules(...all: readonly (string | JsonObject)[]): JsonObject {
  return {
    'x-kubernetes-validations': all.map((one) => (typeof one === 'string' ? { rule: one } : one)),
  };
}

test('rules speak of the value they stand at, with their message, reason and field', () => {
  const crd = definition(
    {
      min: { type: 'integer' },
      max: { type: 'integer' },
      color: { type: 'string', ...rules({ rule: "self != 'grey'", message: ' no grey ' }) },
      sizes: {
        type: 'object',
        additionalProperties: { type: 'integer', ...rules('self > 0') },
      },
      parts: {
        type: 'array',
        items: {
          type: 'object',
          properties: { port: { 'x-kubernetes-int-or-string': true, ...rules('self > 0') } },
        },
      },
    },
    rules(
      "self.metadata.name == 'b'",
      {
        rule: 'self.spec.min <= self.spec.max',
        messageExpression: "'%d is more than %d'.format([self.spec.min, self.spec.max])",
      },
      { rule: 'false', message: 'never', reason: 'FieldValueForbidden', fieldPath: '.spec.color' },
      { rule: 'self.spec.max / 0 == 1', message: 'divides' },
    ),
  );
  assert.deepEqual(
    check(crd, {
      min: 3,
      max: 1,
      color: 'grey',
      sizes: { s: 0 },
      parts: [{ port: 'x' }, { port: 1 }],
    }),
    [
      `<nil>: Invalid value: "object": failed rule: self.metadata.name == 'b'`,
      '<nil>: Invalid value: "object": 3 is more than 1',
      'spec.color: Forbidden: never',
      '<nil>: Invalid value: "object": division by zero evaluating rule: divides',
      'spec.color: Invalid value: "string": no grey',
      'spec.sizes[s]: Invalid value: "integer": failed rule: self > 0',
      `spec.parts[0].port: Invalid value: "": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self > 0`,
    ],
  );
});

test('rules wait until the object has the right shape', () => {
  const crd = definition({ size: { type: 'integer', ...rules('self > 5') } });
  assert.deepEqual(check(crd, { size: 'large' }), [
    'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ]);
});

const changing = definition({
  color: { type: 'string', ...rules({ rule: 'self == oldSelf', message: 'immutable' }) },
  size: {
    type: 'integer',
    ...rules({ rule: 'oldSelf.hasValue() || self > 5', optionalOldSelf: true }),
  },
  parts: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        count: { type: 'integer', ...rules({ rule: 'self >= oldSelf', message: 'only up' }) },
      },
    },
  },
});

test('transition rules compare with the value before, in keyed lists with the item of the same key', () => {
  const before = {
    color: 'red',
    size: 1,
    parts: [
      { name: 'a', count: 5 },
      { name: 'b', count: 1 },
    ],
  };
  const after = {
    color: 'blue',
    size: 2,
    parts: [
      { name: 'b', count: 2 },
      { name: 'c', count: 0 },
      { name: 'a', count: 4 },
    ],
  };
  assert.deepEqual(
    [check(changing, after, before), check(changing, after), check(changing, { size: 9 }, {})],
    [
      [
        'spec.color: Invalid value: "string": immutable',
        'spec.parts[2].count: Invalid value: "integer": only up',
      ],
      ['spec.size: Invalid value: "integer": failed rule: oldSelf.hasValue() || self > 5'],
      [],
    ],
  );
});

test('what was wrong before and has not changed may stay', () => {
  const crd = definition({
    color: { type: 'string', ...rules("self == 'red'") },
    list: { type: 'array', items: { type: 'integer', ...rules('self > 0') } },
  });
  const old = { color: 'green', list: [0] };
  assert.deepEqual(
    [
      check(crd, { ...old, other: 1 }, old),
      check(crd, { color: 'green', list: [0, 1] }, old),
      check(crd, { color: 'blue', list: [0] }, old),
    ],
    [
      [],
      ['spec.list[0]: Invalid value: "integer": failed rule: self > 0'],
      [`spec.color: Invalid value: "string": failed rule: self == 'red'`],
    ],
  );
});

test('of what was wrong before and stays, a warning is given', () => {
  const crd = definition({ color: { type: 'string', ...rules("self == 'red'") } });
  const [kind] = kindsOfCrd(asKubeObject(crd));
  const changed = shirt({ color: 'green', size: 1 });
  assert.deepEqual(
    [kind?.validate(changed, shirt({ color: 'green' })), kind?.warnings?.(changed)],
    [[], [`spec.color: Invalid value: "string": failed rule: self == 'red'`]],
  );
});

const at = (path: string) =>
  `spec.validation.openAPIV3Schema.properties[spec].properties[${path}].x-kubernetes-validations`;

/** A rule with Go's names of its fields. */
function shown(rule: string, rest: JsonObject = {}): string {
  return JSON.stringify({
    Rule: rule,
    Message: '',
    MessageExpression: '',
    Reason: null,
    FieldPath: '',
    OptionalOldSelf: null,
    ...rest,
  });
}

test('rules that cannot work are refused with their definition', () => {
  const crd = definition({
    a: {
      type: 'integer',
      ...rules('self + 1', 'self > ', { rule: 'self > 1', messageExpression: '5' }),
    },
    b: {
      type: 'string',
      ...rules(
        { rule: ' ' },
        { rule: 'self\n!= ""' },
        { rule: 'true', reason: 'Bad', message: ' ' },
      ),
    },
    c: {
      type: 'object',
      properties: { d: { type: 'string' } },
      ...rules({ rule: 'true', fieldPath: '.e' }),
    },
    l: {
      type: 'array',
      maxItems: 5,
      items: { type: 'string', maxLength: 5, ...rules('self == oldSelf') },
    },
    o: { type: 'integer', ...rules({ rule: 'self > 0', optionalOldSelf: true }) },
  });
  const start =
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
  assert.deepEqual(texts(validateCustomResourceDefinition(crd, undefined)), [
    `${at('a')}[0].rule: Invalid value: ${shown('self + 1')}: cel expression must evaluate to a bool`,
    `${at('a')}[1].rule: Invalid value: ${shown('self > ')}: compilation failed: ERROR: <input>:1:8: Syntax error: mismatched input '<EOF>' expecting ${start}\n | self > \n | .......^`,
    `${at('a')}[2].messageExpression: Invalid value: ${shown('self > 1', { MessageExpression: '5' })}: messageExpression must evaluate to a string`,
    `${at('b')}[0].rule: Required value: rule is not specified`,
    `${at('b')}[1].message: Required value: message must be specified if rule contains line breaks`,
    `${at('b')}[2].message: Invalid value: " ": message must be non-empty if specified`,
    `${at('b')}[2].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    `${at('c')}[0].fieldPath: Invalid value: ".e": fieldPath must be a valid path: does not refer to a valid field`,
    `${at('l').replace('[l]', '[l].items')}[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[l]`,
    `${at('o')}[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`,
  ]);
});

test('rules that may cost too much are refused, unless the schema limits what they look at', () => {
  const unique = rules('self.all(a, self.exists_one(b, a == b))');
  const list = (limits: JsonObject, items: JsonObject) =>
    validateCustomResourceDefinition(
      definition({
        l: { type: 'array', items: { type: 'string', ...items }, ...limits, ...unique },
      }),
      undefined,
    );
  const place = `${at('l')}[0].rule`;
  const hint =
    '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
  assert.deepEqual(
    [
      list({}, {}),
      list({ maxItems: 1000 }, { maxLength: 20 }),
      list({ maxItems: 100 }, { maxLength: 20 }),
    ].map(texts),
    [
      [
        `${place}: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${hint}`,
        `${place}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
        `spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${hint}`,
      ],
      [`${place}: Forbidden: estimated rule cost exceeds budget by factor of 1.200600x ${hint}`],
      [],
    ],
  );
});

test('a default must pass the rules of its schema', () => {
  const crd = definition({
    range: {
      type: 'object',
      default: {},
      properties: { min: { type: 'integer' }, max: { type: 'integer' } },
      ...rules('self.min <= self.max'),
    },
  });
  assert.deepEqual(texts(validateCustomResourceDefinition(crd, undefined)), [
    'spec.validation.openAPIV3Schema.properties[spec].properties[range].default: Invalid value: "object": no such key: min evaluating rule: self.min <= self.max',
  ]);
});
