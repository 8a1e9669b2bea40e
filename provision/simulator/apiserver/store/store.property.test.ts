import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';

import * as fc from 'fast-check';

import type { KubeObject } from '../../kinds/object.ts';
import { exportStore, importStore } from './snapshot.ts';
import { Store, type StoreEvent } from './store.ts';

const RESOURCE = '/configmaps';

interface Write {
  readonly namespace: string;
  readonly name: string;
  readonly isRemoval: boolean;
}

const writes = fc.array(
  fc.record({
    namespace: fc.constantFrom('a', 'a-b'),
    name: fc.constantFrom('x', 'y', 'y-z'),
    isRemoval: fc.boolean(),
  }),
  { maxLength: 40 },
);

function carryOut(store: Store, { namespace, name, isRemoval }: Write): void {
  const made = (revision: number): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace,
      name,
      uid: name,
      resourceVersion: String(revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
  });
  const stored = store.get(RESOURCE, namespace, name);
  if (!isRemoval) store.put(RESOURCE, made);
  else if (stored) store.remove(RESOURCE, stored, made);
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** What a client that lists and then follows events believes to be there. */
function followed(
  listed: readonly KubeObject[],
  events: readonly StoreEvent[],
): readonly KubeObject[] {
  const objects = new Map(listed.map((object) => [keyOf(object), object]));
  for (const { type, object } of events) {
    assert.equal(type === 'ADDED', !objects.has(keyOf(object)), `${type} ${keyOf(object)}`);
    if (type === 'DELETED') objects.delete(keyOf(object));
    else objects.set(keyOf(object), object);
  }
  return [...objects.keys()].toSorted().flatMap((key) => objects.get(key) ?? []);
}

test('Store.listAt() gives the state of every revision, and since() leads from it to the newest', () => {
  fc.assert(
    fc.property(writes, (all) => {
      const store = new Store();
      const states = [store.list(RESOURCE)];
      for (const write of all) {
        const before = store.revision;
        carryOut(store, write);
        if (store.revision > before) states.push(store.list(RESOURCE));
      }
      for (const [revision, state] of states.entries()) {
        assert.deepEqual(store.listAt(RESOURCE, revision), state);
        const events = store.since(RESOURCE, revision) ?? [];
        assert.deepEqual(followed(state.items, events), store.list(RESOURCE).items);
      }
    }),
  );
});

test('Store.listen() from any point on tells of each change once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(writes, fc.array(fc.nat(40), { maxLength: 5 }), async (all, starts) => {
      const store = new Store();
      const watches: { readonly items: readonly KubeObject[]; readonly events: StoreEvent[] }[] =
        [];
      for (const [index, write] of all.entries()) {
        carryOut(store, write);
        if (!starts.includes(index)) continue;
        // A client that listed some time ago and comes back now: it is told what it missed, then what comes.
        const revision = Math.floor(store.revision / 2);
        const { items } = store.listAt(RESOURCE, revision) ?? { items: [] };
        const events = [...(store.since(RESOURCE, revision) ?? [])];
        watches.push({ items, events });
        store.listen(RESOURCE, (event) => events.push(event));
        if (index % 2 === 0) await Promise.resolve();
      }
      await nextTurn();
      for (const { items, events } of watches) {
        const revisions = events.map((event) => event.revision);
        assert.deepEqual(
          revisions,
          [...new Set(revisions)].toSorted((one, two) => one - two),
        );
        assert.deepEqual(followed(items, events), store.list(RESOURCE).items);
      }
    }),
  );
});

test('importStore() of what exportStore() wrote is the same store', () => {
  fc.assert(
    fc.property(writes, (all) => {
      const store = new Store();
      for (const write of all) carryOut(store, write);
      const copy = importStore(JSON.parse(JSON.stringify(exportStore(store))));
      assert.deepEqual(copy.list(RESOURCE), store.list(RESOURCE));
      assert.deepEqual(copy.list(RESOURCE, 'a'), store.list(RESOURCE, 'a'));
      assert.equal(copy.sizeBytes, store.sizeBytes);
      for (const target of [copy, store]) {
        carryOut(target, { namespace: 'a', name: 'x', isRemoval: false });
        carryOut(target, { namespace: 'a', name: 'x', isRemoval: true });
      }
      assert.equal(copy.sizeBytes, store.sizeBytes);
      assert.deepEqual(copy.list(RESOURCE), store.list(RESOURCE));
    }),
  );
});
