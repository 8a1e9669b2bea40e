import { isList, isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';

/**
 * Lays one pod, container or piece of metadata over another as a strategic merge patch does: objects key by key, lists of named
 * things item by item, everything else replaced.
 */
export function overlay(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value !== undefined) merged[key] = overlayField(key, base[key], value);
  }
  return merged;
}

/** What tells the items of a list apart, by the list's field (Kubernetes page "Update API Objects in Place Using kubectl patch"). */
const MERGE_KEYS: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['volumes', 'name'],
  ['env', 'name'],
  ['imagePullSecrets', 'name'],
  ['volumeMounts', 'mountPath'],
  ['ports', 'containerPort'],
]);

function overlayField(field: string, base: Json | undefined, over: Json): Json {
  if (isObject(base) && isObject(over)) return overlay(base, over);
  const key = MERGE_KEYS.get(field);
  if (key === undefined || !isList(base) || !isList(over)) return over;
  const merged = new Map<Json | undefined, Json>();
  for (const item of base) merged.set(keyIn(item, key), item);
  for (const item of over) {
    const known = merged.get(keyIn(item, key));
    merged.set(keyIn(item, key), isObject(known) && isObject(item) ? overlay(known, item) : item);
  }
  return [...merged.values()];
}

function keyIn(item: Json, key: string): Json | undefined {
  return isObject(item) ? item[key] : item;
}
