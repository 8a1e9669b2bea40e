import type { JsonObject, KubeObject } from '../../kinds/object.ts';
import { asJson, listAt, numberAt, objectAt, objectOr, toKubeObject } from '../objects/json.ts';
import { Store } from './store.ts';
import { Table } from './table.ts';

/** All objects of a store as JSON; histories and watches are not part of it. */
export function exportStore(store: Store): JsonObject {
  const resources: Record<string, readonly JsonObject[]> = {};
  for (const resource of store.resources()) {
    const items = store.stored(resource);
    if (items.length > 0) resources[resource] = items.map((object: KubeObject) => asJson(object));
  }
  return { revision: store.revision, sizeBytes: store.sizeBytes, resources };
}

/**
 * The store that `exportStore` described.
 * @throws TypeError when something in it is no object of the API
 */
export function importStore(snapshot: JsonObject): Store {
  const tables = new Map<string, Table>();
  const resources = objectAt(snapshot, 'resources');
  for (const resource of Object.keys(resources)) {
    const table = new Table();
    for (const item of listAt(resources, resource)) {
      const object = toKubeObject(objectOr(item));
      table.set(object.metadata.namespace ?? '', object.metadata.name, object);
    }
    tables.set(resource, table);
  }
  const sizeBytes = numberAt(snapshot, 'sizeBytes') ?? 0;
  return new Store(numberAt(snapshot, 'revision') ?? 0, tables, sizeBytes);
}
