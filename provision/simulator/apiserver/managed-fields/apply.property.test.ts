import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { ApiError } from '../../client/api-error.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { builtinKinds } from '../../kinds/registry.ts';
import { isSame, objectAt, stringAt, withValue } from '../objects/json.ts';
import { applyConfiguration } from './apply.ts';
import { readEntries } from './entries.ts';
import { fieldSet } from './field-set.ts';
import { removeItems } from './merge.ts';
import { treeOf } from './path-tree.ts';
import { ownableBy } from './reset-fields.ts';

const kind = builtinKinds().find(({ plural }) => plural === 'deployments');
assert.ok(kind);
const deployments = kind;
const { schema } = deployments;

const word = fc.constantFrom('x', 'y', 'z');

interface Space {
  readonly containers: readonly string[];
  readonly labels: readonly string[];
}

const EVERYTHING: Space = { containers: ['a', 'b', 'c'], labels: ['k', 'l', 'm'] };

/** Applied configurations that speak of some containers and labels. */
function configuration({ containers, labels }: Space): fc.Arbitrary<JsonObject> {
  const container = (name: string) =>
    fc.record(
      {
        name: fc.constant(name),
        image: word,
        env: fc
          .uniqueArray(fc.constantFrom('E', 'F'))
          .chain((names) =>
            fc
              .tuple(...names.map(() => word))
              .map((values) => values.map((value, i) => ({ name: names[i] ?? '', value }))),
          ),
      },
      { requiredKeys: ['name'], noNullPrototype: true },
    );
  return fc
    .record({
      labels: fc.dictionary(fc.constantFrom(...labels), word, { noNullPrototype: true }),
      containers: fc.subarray([...containers]).chain((names) => fc.tuple(...names.map(container))),
    })
    .map(({ labels: labelled, containers: list }) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', ...(Object.keys(labelled).length > 0 && { labels: labelled }) },
      ...(list.length > 0 && { spec: { template: { spec: { containers: list } } } }),
    }));
}

interface Who {
  readonly manager: string;
  readonly isForced?: boolean;
  readonly time?: string;
}

function apply(
  current: JsonObject | undefined,
  applied: JsonObject,
  { manager, isForced = false, time = '2026-01-01T00:00:00Z' }: Who,
): JsonObject {
  const options = { manager, isForced, time, subresource: '' };
  const { object, managedFields } = applyConfiguration(deployments, current, applied, options);
  return withValue(object, ['metadata', 'managedFields'], managedFields);
}

/** The fields of an object that somebody can manage. */
function managedPaths(object: JsonObject): ReadonlySet<string> {
  const bare = withValue(object, ['metadata', 'managedFields'], undefined);
  return new Set([...fieldSet(bare, schema)].filter(ownableBy(deployments, '')));
}

function ownedBy(object: JsonObject, manager: string): ReadonlySet<string> {
  return readEntries(object).find((entry) => entry.manager === manager)?.paths ?? new Set();
}

/** What the object says, lists by name: their order depends on who came first. */
function content(object: JsonObject): JsonObject {
  const bare = withValue(object, ['metadata', 'managedFields'], undefined);
  const pod = objectAt(bare, 'spec', 'template', 'spec');
  const containers = pod['containers'];
  if (!Array.isArray(containers)) return bare;
  const byName = Object.fromEntries(containers.map((item) => [stringAt(item, 'name') ?? '', item]));
  return withValue(bare, ['spec', 'template', 'spec', 'containers'], byName);
}

test('applyConfiguration() of the same configuration again changes nothing, not even the time', () => {
  fc.assert(
    fc.property(configuration(EVERYTHING), configuration(EVERYTHING), (first, second) => {
      const other = apply(undefined, first, { manager: 'other' });
      const once = apply(other, second, { manager: 'one', isForced: true });
      const twice = apply(once, second, { manager: 'one', time: '2027-01-01T00:00:00Z' });
      assert.deepEqual(twice, once);
    }),
  );
});

test('applyConfiguration() gives the same object whoever of those that speak of different things comes first', () => {
  fc.assert(
    fc.property(
      configuration({ containers: ['a', 'b'], labels: ['k'] }),
      configuration({ containers: ['c', 'd'], labels: ['l'] }),
      (one, two) => {
        const oneFirst = apply(apply(undefined, one, { manager: '1' }), two, { manager: '2' });
        const twoFirst = apply(apply(undefined, two, { manager: '2' }), one, { manager: '1' });
        assert.ok(isSame(content(oneFirst), content(twoFirst)));
      },
    ),
  );
});

test('applyConfiguration() takes away what its manager stops applying, and leaves what others own', () => {
  const bare = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
  fc.assert(
    fc.property(configuration(EVERYTHING), configuration(EVERYTHING), (mine, theirs) => {
      const alone = apply(undefined, theirs, { manager: 'theirs' });
      const both = apply(alone, mine, { manager: 'mine', isForced: true });
      const owned = ownedBy(both, 'theirs');
      const left = apply(both, bare, { manager: 'mine' });
      assert.equal(ownedBy(left, 'mine').size, 0);
      assert.deepEqual(ownedBy(left, 'theirs'), owned);
      assert.deepEqual(managedPaths(left), owned);
    }),
  );
});

test('applyConfiguration() refuses to change what others own, and when forced leaves one owner', () => {
  fc.assert(
    fc.property(configuration(EVERYTHING), configuration(EVERYTHING), (first, second) => {
      const before = apply(undefined, first, { manager: 'first' });
      const forced = apply(before, second, { manager: 'second', isForced: true });
      const lost = [...ownedBy(before, 'first')].filter(
        (path) => !ownedBy(forced, 'first').has(path),
      );
      const isRefused = () => apply(before, second, { manager: 'second' });
      if (lost.length > 0)
        assert.throws(isRefused, (error) => error instanceof ApiError && error.code === 409);
      else assert.ok(isSame(content(isRefused()), content(forced)));
      for (const path of lost) assert.ok(ownedBy(forced, 'second').has(path), path);
      assert.deepEqual(ownedBy(forced, 'second'), managedPaths(second));
    }),
  );
});

test('applyConfiguration() never loses a field that is only in the hands of others', () => {
  fc.assert(
    fc.property(
      configuration(EVERYTHING),
      configuration(EVERYTHING),
      configuration(EVERYTHING),
      (theirs, first, second) => {
        const start = apply(undefined, theirs, { manager: 'theirs' });
        const once = apply(start, first, { manager: 'mine', isForced: true });
        const twice = apply(once, second, { manager: 'mine', isForced: true });
        const kept = ownedBy(twice, 'theirs');
        const there = managedPaths(twice);
        for (const path of kept) assert.ok(there.has(path), path);
      },
    ),
  );
});

test('removeItems() of every field leaves nothing', () => {
  fc.assert(
    fc.property(configuration(EVERYTHING), (object) => {
      const paths = new Set(Object.keys(object).map((key) => `f:${key}`));
      assert.equal(removeItems(object, treeOf(paths), schema), undefined);
    }),
  );
});
