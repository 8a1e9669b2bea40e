import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '../../kinds/object.ts';
import { OBJECT_LIMIT_BYTES, PODS_LIMIT, STORE_LIMIT_BYTES } from '../limits.ts';
import { Store } from '../store/store.ts';
import { checkRoom, sizeInStore } from './space.ts';

function ofSize(bytes: number): JsonObject {
  return { text: 'x'.repeat(bytes - JSON.stringify({ text: '' }).length) };
}

test('sizeInStore() refuses an object that etcd would not take, in its words', () => {
  const store = new Store();
  assert.equal(sizeInStore(store, ofSize(OBJECT_LIMIT_BYTES)), OBJECT_LIMIT_BYTES);
  assert.throws(() => sizeInStore(store, ofSize(OBJECT_LIMIT_BYTES + 1)), {
    code: 500,
    reason: '',
    message: 'etcdserver: request is too large',
  });
});

test('sizeInStore() refuses an object that a full store has no room for', () => {
  const store = new Store(0, new Map(), STORE_LIMIT_BYTES - 100);
  assert.equal(sizeInStore(store, ofSize(100)), 100);
  assert.throws(() => sizeInStore(store, ofSize(101)), {
    code: 500,
    message: 'etcdserver: mvcc: database space exceeded',
  });
});

test('checkRoom() refuses more pods than a cluster may have, and nothing else', () => {
  const store = new Store();
  for (let index = 0; index < PODS_LIMIT; index++) {
    checkRoom(store, '/pods');
    const unread = { uid: '', resourceVersion: '', creationTimestamp: '' };
    const metadata = { ...unread, namespace: `n${index % 2}`, name: `p${index}` };
    store.put('/pods', () => ({ apiVersion: 'v1', kind: 'Pod', metadata }));
  }
  checkRoom(store, '/configmaps');
  assert.throws(() => checkRoom(store, '/pods'), {
    code: 500,
    message: 'etcdserver: mvcc: database space exceeded',
  });
});
