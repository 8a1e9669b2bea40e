import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unknownFields } from '../decoding/decode.ts';
import { asJson, asKubeObject, listAt, textsAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { builtinKinds } from '../registry.ts';
import { toTable } from '../tables/table.ts';
import { kindsOfCrd } from './kinds.ts';

/** The documentation's CronTab, with a default, a list and columns. */
const crd = asKubeObject({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com',
    scope: 'Namespaced',
    names: {
      plural: 'crontabs',
      singular: 'crontab',
      kind: 'CronTab',
      listKind: 'CronTabList',
      shortNames: ['ct'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [
          { name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' },
          { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' },
          { name: 'Hosts', type: 'string', jsonPath: '.spec.hosts', priority: 1 },
          {
            name: 'Ready',
            type: 'string',
            jsonPath: '.status.conditions[?(@.type=="Ready")].status',
          },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: {
              spec: {
                type: 'object',
                required: ['cronSpec'],
                properties: {
                  cronSpec: { type: 'string', pattern: '^(\\d+|\\*)( (\\d+|\\*)){4}$' },
                  replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
                  mode: { type: 'string', enum: ['Fast', 'Slow'] },
                  hosts: { type: 'array', maxItems: 2, items: { type: 'string' } },
                  port: { 'x-kubernetes-int-or-string': true },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
      {
        name: 'v0',
        served: false,
        storage: false,
        schema: { openAPIV3Schema: { type: 'object' } },
      },
    ],
  },
});

function cronTab(): Kind {
  const [kind, ...others] = kindsOfCrd(crd);
  assert.ok(kind);
  assert.equal(others.length, 0);
  return kind;
}

function object(spec: JsonObject, rest: JsonObject = {}): KubeObject {
  return asKubeObject({
    apiVersion: 'stable.example.com/v1',
    kind: 'CronTab',
    metadata: { name: 'my', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec,
    ...rest,
  });
}

test('kindsOfCrd() serves a version with the names and subresources that the definition gives', () => {
  const {
    schema: _schema,
    columns: _columns,
    applyDefaults: _defaults,
    validate: _validate,
    warnings: _warnings,
    ...kind
  } = cronTab();
  assert.deepEqual(kind, {
    group: 'stable.example.com',
    version: 'v1',
    kind: 'CronTab',
    isCustom: true,
    plural: 'crontabs',
    isNamespaced: true,
    singular: 'crontab',
    listKind: 'CronTabList',
    shortNames: ['ct'],
    categories: [],
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    hasStatus: true,
    hasScale: true,
    selectableFields: {},
  });
});

test('a custom resource gets the defaults of its schema', () => {
  assert.deepEqual(asJson(cronTab().applyDefaults(object({ cronSpec: '* * * * *' })))['spec'], {
    cronSpec: '* * * * *',
    replicas: 1,
  });
});

test('a custom resource is refused in the words of its schema', () => {
  const spec = { cronSpec: 'x', replicas: 20, mode: 'Odd', hosts: [1, 'a', 'b'], port: true };
  const { validate } = cronTab();
  const texts = (candidate: KubeObject) =>
    validate(candidate, undefined).map(({ field, message }) => `${field}: ${message}`);
  assert.deepEqual(
    [texts(object(spec)), texts(object({ replicas: '3' }))],
    [
      [
        'spec.cronSpec: Invalid value: "x": spec.cronSpec in body should match \'^(\\d+|\\*)( (\\d+|\\*)){4}$\'',
        'spec.replicas: Invalid value: 20: spec.replicas in body should be less than or equal to 10',
        'spec.mode: Unsupported value: "Odd": supported values: "Fast", "Slow"',
        'spec.hosts: Too many: 3: must have at most 2 items',
        'spec.hosts[0]: Invalid value: "integer": spec.hosts[0] in body must be of type string: "integer"',
        'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      ],
      [
        'spec.cronSpec: Required value',
        'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
      ],
    ],
  );
});

test('unknown fields of a custom resource are found, but for those the schema keeps', () => {
  const candidate = object({ cronSpec: '', zebra: 1, ant: 1, free: { any: { thing: 1 } } });
  assert.deepEqual(unknownFields(cronTab().schema, asJson(candidate)), [
    { message: 'unknown field "spec.ant"' },
    { message: 'unknown field "spec.zebra"' },
  ]);
});

test("a custom resource's columns follow its paths", () => {
  const status = {
    conditions: [
      { type: 'Other', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  };
  const candidate = object({ cronSpec: '1', replicas: 2, hosts: ['a', 'b'] }, { status });
  const table = toTable(cronTab(), [candidate], { nowMs: Date.parse('2026-01-01T00:03:05Z') });
  assert.deepEqual(
    listAt(table, 'rows').map((row) => textsAt(row, 'cells')),
    [['my', '1', '2', '["a","b"]', 'True', '3m5s']],
  );
});

test('a CustomResourceDefinition must be named after its resource and have one stored, typed schema', () => {
  const kind = builtinKinds().find((one) => one.kind === 'CustomResourceDefinition');
  const bad = asKubeObject({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'tabs' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'tabs', kind: 'Tab' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: false,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } },
        },
      ],
    },
  });
  assert.deepEqual(
    kind?.validate(bad, undefined).map(({ field, message }) => `${field}: ${message}`),
    [
      'metadata.name: Invalid value: "tabs": must be spec.names.plural+"."+spec.group',
      'spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version',
      'spec.names.singular: Required value',
      'spec.names.listKind: Required value',
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      'status.storedVersions: Invalid value: null: must have at least one stored version',
    ],
  );
  assert.deepEqual(kind?.validate(crd, undefined), []);
});

/** What a definition with this schema, and whatever else is given, has against it. */
function definitionProblems(openAPIV3Schema: JsonObject, rest: JsonObject = {}): readonly string[] {
  const kind = builtinKinds().find((one) => one.kind === 'CustomResourceDefinition');
  assert.ok(kind);
  const definition = kind.applyDefaults(
    asKubeObject({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'tabs.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'tabs', kind: 'Tab' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...rest },
        ],
      },
    }),
  );
  return kind.validate(definition, undefined).map(({ field, message }) => `${field}: ${message}`);
}

function specSchema(schema: JsonObject): JsonObject {
  return { type: 'object', properties: { spec: schema } };
}

test('a schema must be structural, and say why not in the words of the API server', () => {
  const at = 'spec.validation.openAPIV3Schema.properties[spec]';
  assert.deepEqual(
    [
      definitionProblems(specSchema({ type: 'array', items: { description: 'untyped' } })),
      definitionProblems(
        specSchema({
          type: 'object',
          additionalProperties: true,
          properties: { a: { type: 'string' } },
        }),
      ),
      definitionProblems(
        specSchema({
          type: 'object',
          oneOf: [{ type: 'object', properties: { a: { minLength: 1 } } }],
        }),
      ).filter((text) => text.startsWith(at)),
      definitionProblems(specSchema({ type: 'strin' })),
      definitionProblems(specSchema({ type: 'integer', default: 'five' })),
      definitionProblems(
        specSchema({
          type: 'array',
          items: { type: 'object', properties: { name: { type: 'string' } } },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        }),
      ),
      definitionProblems(
        specSchema({ type: 'object', properties: { a: { $ref: '#/b', type: 'string' } } }),
      ),
    ],
    [
      [`${at}.items.type: Required value: must not be empty for specified array items`],
      [],
      [`${at}.oneOf[0].type: Forbidden: must be empty to be structural`],
      [
        `${at}.type: Unsupported value: "strin": supported values: "array", "boolean", "integer", "null", "number", "object", "string"`,
      ],
      [
        `${at}.default: Invalid value: "string": ${at}.default in body must be of type integer: "string"`,
      ],
      [
        `${at}.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
      [`${at}.properties[a].$ref: Forbidden: $ref is not supported`],
    ],
  );
});

test('columns, subresources and conversions of a definition are checked as upstream does', () => {
  assert.deepEqual(
    definitionProblems(
      { type: 'object' },
      {
        additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: 'spec.a' }],
        subresources: { scale: { specReplicasPath: '.status.replicas' } },
        selectableFields: [{ jsonPath: '.spec.a' }],
      },
    ),
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.replicas": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Required value',
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec.a": must be a simple json path starting with .',
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": is an invalid path: does not refer to a valid field',
    ],
  );
});
