import type { ApiError } from '../../client/api-error.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { pods } from '../../kinds/resources.ts';
import { unexplained } from '../errors.ts';
import { OBJECT_LIMIT_BYTES, PODS_LIMIT, STORE_LIMIT_BYTES } from '../limits.ts';
import { storageKey } from '../served-kinds.ts';
import type { Store } from '../store/store.ts';

/**
 * The size of an object that is to be stored, in bytes of JSON.
 * @throws ApiError 500 in etcd's bare words when the object or the store is too large
 */
export function sizeInStore(store: Store, object: JsonObject): number {
  const sizeBytes = JSON.stringify(object).length;
  if (sizeBytes > OBJECT_LIMIT_BYTES) throw unexplained('etcdserver: request is too large');
  if (store.sizeBytes + sizeBytes > STORE_LIMIT_BYTES) {
    throw spaceExceeded();
  }
  return sizeBytes;
}

/**
 * Checks that there is room for one more object of a resource.
 * @throws ApiError 500 in etcd's bare words when there are as many pods as a cluster may have
 */
export function checkRoom(store: Store, resource: string): void {
  if (resource === storageKey(pods) && store.count(resource) >= PODS_LIMIT) throw spaceExceeded();
}

function spaceExceeded(): ApiError {
  return unexplained('etcdserver: mvcc: database space exceeded');
}
