import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KubeObject } from '../../kinds/object.ts';
import { HISTORY_LIMIT_EVENTS } from '../limits.ts';
import { exportStore, importStore } from './snapshot.ts';
import { Store } from './store.ts';

function object(name: string, revision: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: String(revision),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
  };
}

function put(store: Store, name: string): KubeObject {
  return store.put('/configmaps', (revision) => object(name, revision));
}

function names(store: Store): readonly string[] {
  return store.list('/configmaps').items.map(({ metadata }) => metadata.name);
}

function told(store: Store): readonly string[] {
  const events: string[] = [];
  store.watch('/configmaps', ({ type, object: { metadata } }) => {
    events.push(`${type} ${metadata.name}@${metadata.resourceVersion}`);
  });
  return events;
}

test('Store.watch() tells of what is there and then of each change, in order and after the write', async () => {
  const store = new Store();
  put(store, 'b');
  put(store, 'a');
  const events = told(store);
  put(store, 'c');
  store.remove('/configmaps', put(store, 'a'));
  assert.deepEqual(events, []);
  await Promise.resolve();
  assert.deepEqual(events, ['ADDED a@2', 'ADDED b@1', 'ADDED c@3', 'MODIFIED a@4', 'DELETED a@4']);
});

test('Store.fork() shares objects and goes its own way', () => {
  const store = new Store();
  const shared = put(store, 'a');
  const fork = store.fork();
  put(store, 'mine');
  put(fork, 'yours');
  assert.deepEqual(
    [names(store), names(fork)],
    [
      ['a', 'mine'],
      ['a', 'yours'],
    ],
  );
  assert.equal(fork.get('/configmaps', 'default', 'a'), shared);
});

test('Store.since() knows the newest changes and says when older ones are asked for', () => {
  const store = new Store();
  for (let count = 0; count < 2 * HISTORY_LIMIT_EVENTS; count++) put(store, 'a');
  assert.equal(store.since('/configmaps', HISTORY_LIMIT_EVENTS - 1), undefined);
  assert.equal(store.since('/configmaps', HISTORY_LIMIT_EVENTS)?.length, HISTORY_LIMIT_EVENTS);
  assert.equal(store.oldest('/configmaps'), HISTORY_LIMIT_EVENTS);
  assert.deepEqual(store.fork().since('/configmaps', store.revision - 1), undefined);
});

test('importStore() gives back what exportStore() was given', () => {
  const store = new Store();
  put(store, 'a');
  put(store, 'b');
  const copy = importStore(JSON.parse(JSON.stringify(exportStore(store))));
  assert.equal(copy.revision, 2);
  assert.deepEqual(copy.list('/configmaps'), store.list('/configmaps'));
});
