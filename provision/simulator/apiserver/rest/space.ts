import type { JsonObject } from '../../kinds/object.ts';
import { unexplained } from '../errors.ts';
import { OBJECT_LIMIT_BYTES, STORE_LIMIT_BYTES } from '../limits.ts';
import type { Store } from '../store/store.ts';

/**
 * The size of an object that is to be stored, in bytes of JSON.
 * @throws ApiError 500 in etcd's bare words when the object or the store is too large
 */
export function sizeInStore(store: Store, object: JsonObject): number {
  const sizeBytes = JSON.stringify(object).length;
  if (sizeBytes > OBJECT_LIMIT_BYTES) throw unexplained('etcdserver: request is too large');
  if (store.sizeBytes + sizeBytes > STORE_LIMIT_BYTES) {
    throw unexplained('etcdserver: mvcc: database space exceeded');
  }
  return sizeBytes;
}
