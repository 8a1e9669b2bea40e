import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import type { Json, JsonObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { isList, isObject, isSame, listAt, objectAt } from '../objects/json.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

const kind = builtinKinds().find(({ plural }) => plural === 'deployments');
assert.ok(kind);
const { schema } = kind;

function named(value: fc.Arbitrary<JsonObject>): fc.Arbitrary<readonly JsonObject[]> {
  return fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })
    .chain((names) =>
      fc
        .tuple(...names.map(() => value))
        .map((values) => values.map((rest, index) => ({ name: names[index] ?? '', ...rest }))),
    );
}

const word = fc.constantFrom('x', 'y', 'z');
const variable = word.map((value): JsonObject => ({ value }));
const plain = { noNullPrototype: true };
const container = fc.record({ image: word, env: named(variable), args: fc.array(word) }, plain);
const metadata = fc.record(
  { labels: fc.dictionary(word, word, plain), finalizers: fc.uniqueArray(word) },
  plain,
);
const deployment = fc
  .tuple(metadata, fc.nat(3), named(container))
  .map(([meta, replicas, containers]): JsonObject => ({
    metadata: meta,
    spec: { replicas, template: { spec: { containers } } },
  }));

/** The patch that makes `wanted` of `current`: what kubectl computes, with an order for every list it merges. */
function difference(current: JsonObject, wanted: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(current)) if (wanted[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(wanted)) {
    const before = current[key];
    if (value === undefined || isSame(before, value)) continue;
    if (isObject(value) && isObject(before)) patch[key] = difference(before, value);
    else if (isList(value) && isList(before)) Object.assign(patch, listChange(key, before, value));
    else patch[key] = value;
  }
  return patch;
}

function listChange(key: string, before: readonly Json[], wanted: readonly Json[]): JsonObject {
  if (key === 'args') return { args: wanted };
  if (key === 'finalizers') {
    return {
      finalizers: wanted.filter((item) => !before.includes(item)),
      [`$deleteFromPrimitiveList/${key}`]: before.filter((item) => !wanted.includes(item)),
      [`$setElementOrder/${key}`]: wanted,
    };
  }
  const changed = wanted.flatMap((item) => {
    const old = find(before, item);
    if (!isObject(item) || !isObject(old)) return [item];
    return isSame(old, item) ? [] : [{ ...difference(old, item), name: item['name'] }];
  });
  const deleted = before
    .filter((item) => !find(wanted, item))
    .map((item) => ({ name: nameOf(item), $patch: 'delete' }));
  return {
    [key]: [...changed, ...deleted],
    [`$setElementOrder/${key}`]: wanted.map((item) => ({ name: nameOf(item) })),
  };
}

function nameOf(item: Json): Json | undefined {
  return isObject(item) ? item['name'] : undefined;
}

function find(list: readonly Json[], item: Json): Json | undefined {
  return list.find((other) => nameOf(other) === nameOf(item));
}

function withContainers(containers: readonly JsonObject[]): JsonObject {
  return { spec: { template: { spec: { containers } } } };
}

function patched(current: JsonObject, patch: JsonObject): JsonObject {
  return strategicMergePatch(current, patch, schema);
}

test('strategicMergePatch() with nothing in the patch changes nothing', () => {
  fc.assert(fc.property(deployment, (current) => assert.deepEqual(patched(current, {}), current)));
});

test('strategicMergePatch() makes the wanted object of any other by their difference, lists in the wanted order', () => {
  fc.assert(
    fc.property(deployment, deployment, (current, wanted) => {
      const result = patched(current, difference(current, wanted));
      assert.ok(isSame(result, wanted), JSON.stringify({ result, wanted }));
    }),
  );
});

test('strategicMergePatch() with the same patch again changes nothing', () => {
  fc.assert(
    fc.property(deployment, deployment, (current, other) => {
      const patch = difference(current, other);
      const once = patched(current, patch);
      assert.deepEqual(patched(once, patch), once);
    }),
  );
});

test('strategicMergePatch() keeps the items that a patch does not name, and their order among each other', () => {
  fc.assert(
    fc.property(named(container), named(container), (before, patch) => {
      const result = objectAt(
        patched(withContainers(before), withContainers(patch)),
        'spec',
        'template',
        'spec',
      );
      const untouched = before.map(nameOf).filter((name) => !patch.map(nameOf).includes(name));
      assert.deepEqual(
        listAt(result, 'containers')
          .map(nameOf)
          .filter((name) => untouched.includes(name)),
        untouched,
      );
    }),
  );
});
