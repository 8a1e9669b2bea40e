import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { generateSchemas } from './generate.ts';
import { definition } from './load.ts';
import { MERGE_RULES } from './merge-keys.ts';
import type { Definitions } from './stored.ts';

test('generateSchemas() writes the file once and again only when it is outdated', () => {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  const file = join(folder, 'deep/kubernetes.jsonl');
  try {
    generateSchemas(file);
    const text = readFileSync(file, 'utf8');
    const { ino } = statSync(file);
    generateSchemas(file);
    assert.equal(statSync(file).ino, ino);
    writeFileSync(file, `outdated${text}`);
    generateSchemas(file);
    assert.equal(readFileSync(file, 'utf8'), text);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every rule about merging is about a field that there is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  const file = join(folder, 'kubernetes.jsonl');
  try {
    generateSchemas(file);
    const definitions: Definitions = JSON.parse(readFileSync(file, 'utf8').split('\n')[1] ?? '');
    const fields = new Set(
      Object.entries(definitions).flatMap(([name, schema]) => {
        const [type, , group] = name.split('.').toReversed();
        return Object.keys(schema.properties ?? {}).map((field) => `${group}.${type}.${field}`);
      }),
    );
    assert.deepEqual(
      [...MERGE_RULES.keys()].filter((rule) => !fields.has(rule)),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('definition() follows references and tells quantities, times and enums', () => {
  const container = definition('io.k8s.api.core.v1.PodSpec').properties?.['containers']?.items;
  const { properties = {} } = container ?? {};
  const { description: _policy, ...pullPolicy } = properties['imagePullPolicy'] ?? {};
  assert.deepEqual(pullPolicy, { type: 'string', enum: ['Always', 'IfNotPresent', 'Never'] });
  assert.deepEqual(
    [
      container?.definition,
      container?.required,
      properties['resources']?.properties?.['limits']?.additionalProperties?.format,
      definition('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta').properties?.[
        'creationTimestamp'
      ]?.format,
      properties['ports']?.listMapKeys,
    ],
    [
      'io.k8s.api.core.v1.Container',
      ['name'],
      'quantity',
      'date-time',
      ['containerPort', 'protocol'],
    ],
  );
});
