import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Kind } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { UPDATE_MANAGERS_LIMIT } from '../limits.ts';
import { listAt, objectAt, stringAt, withValue } from '../objects/json.ts';
import { trackUpdate, type Tracking } from './track.ts';

function kindOf(plural: string): Kind {
  const kind = builtinKinds().find((one) => one.plural === plural);
  assert.ok(kind);
  return kind;
}

const configMaps = kindOf('configmaps');
const deployments = kindOf('deployments');

function by(manager: string, second = 0, subresource = ''): Tracking {
  const time = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  return { manager, subresource, time };
}

function configMap(data: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data };
}

/** The object after a write, with its managedFields. */
function written(kind: Kind, object: JsonObject, old: JsonObject | undefined, who: Tracking) {
  const managedFields = trackUpdate(kind, object, old, who);
  return withValue(object, ['metadata', 'managedFields'], managedFields);
}

function managers(object: JsonObject): readonly (readonly (Json | undefined)[])[] {
  return listAt(object, 'metadata', 'managedFields').map((entry) => [
    stringAt(entry, 'manager'),
    stringAt(entry, 'time')?.slice(17, 19),
    objectAt(entry, 'fieldsV1', 'f:data'),
  ]);
}

/** The object as a client sends it back: with the managers it has read. */
function changed(object: JsonObject, data: JsonObject): JsonObject {
  return { ...object, data };
}

test('trackUpdate() gives a field to who changed it last, and takes removed ones from everybody', () => {
  const first = written(configMaps, configMap({ a: '1', b: '1' }), undefined, by('one', 1));
  const second = written(configMaps, changed(first, { a: '2', b: '1' }), first, by('two', 2));
  const third = written(configMaps, changed(second, { a: '2' }), second, by('three', 3));
  assert.deepEqual(managers(first), [['one', '01', { '.': {}, 'f:a': {}, 'f:b': {} }]]);
  assert.deepEqual(managers(second), [
    ['one', '01', { '.': {}, 'f:b': {} }],
    ['two', '02', { 'f:a': {} }],
  ]);
  assert.deepEqual(managers(third), [
    ['one', '01', {}],
    ['two', '02', { 'f:a': {} }],
  ]);
});

test('trackUpdate() leaves the managers as they are when nothing changes, whoever writes', () => {
  const first = written(configMaps, configMap({ a: '1' }), undefined, by('one', 1));
  const again = trackUpdate(configMaps, changed(first, { a: '1' }), first, by('two', 2));
  assert.deepEqual(again, objectAt(first, 'metadata')['managedFields']);
});

test('trackUpdate() joins the oldest managers when too many have updated', () => {
  let object = written(configMaps, configMap({ k0: '' }), undefined, by('m0', 0));
  const count = UPDATE_MANAGERS_LIMIT + 2;
  for (let index = 1; index < count; index++) {
    const data = { ...objectAt(object, 'data'), [`k${index}`]: '' };
    object = written(configMaps, changed(object, data), object, by(`m${index}`, index));
  }
  const entries = managers(object);
  assert.equal(entries.length, UPDATE_MANAGERS_LIMIT);
  assert.deepEqual(entries[0], [
    'ancient-changes',
    '02',
    { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {} },
  ]);
  assert.deepEqual(entries.at(-1), [`m${count - 1}`, `${count - 1}`, { [`f:k${count - 1}`]: {} }]);
});

test('trackUpdate() forgets all managers when asked to, and tracks an object without any no more', () => {
  const first = written(configMaps, configMap({ a: '1' }), undefined, by('one', 1));
  const reset = withValue(first, ['metadata', 'managedFields'], [{}]);
  const forgotten = written(configMaps, reset, first, by('two', 2));
  assert.equal(objectAt(forgotten, 'metadata')['managedFields'], undefined);
  const later = trackUpdate(configMaps, changed(forgotten, { a: '2' }), forgotten, by('two', 3));
  assert.equal(later, undefined);
});

test('trackUpdate() lets a client write the managers of an object, but not by a subresource', () => {
  const first = written(configMaps, configMap({ a: '1' }), undefined, by('one', 1));
  const [entry] = listAt(first, 'metadata', 'managedFields');
  const renamed = [{ ...objectAt(entry), manager: 'other', operation: 'Apply' }];
  const given = withValue(first, ['metadata', 'managedFields'], renamed);
  assert.deepEqual(managers(written(configMaps, given, first, by('kubectl', 2))), [
    ['other', '01', { '.': {}, 'f:a': {} }],
  ]);
  assert.deepEqual(managers(written(configMaps, given, first, by('kubectl', 2, 'status'))), [
    ['one', '01', { '.': {}, 'f:a': {} }],
  ]);
});

test('trackUpdate() keeps status apart: only its own endpoint makes anybody manage it', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 1 },
    status: { replicas: 1 },
  };
  const created = written(deployments, deployment, undefined, by('one'));
  const counted = { ...created, status: { replicas: 2 } };
  const updated = written(deployments, counted, created, by('two', 1, 'status'));
  assert.deepEqual(
    listAt(updated, 'metadata', 'managedFields').map((entry) => [
      stringAt(entry, 'manager'),
      stringAt(entry, 'subresource'),
      objectAt(entry, 'fieldsV1'),
    ]),
    [
      ['one', undefined, { 'f:spec': { 'f:replicas': {} } }],
      ['two', 'status', { 'f:status': { 'f:replicas': {} } }],
    ],
  );
});
