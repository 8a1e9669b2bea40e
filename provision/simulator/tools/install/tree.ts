import { at, isList, isObject, objectAt, scalarText } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';

/** The text under `path`; numbers and booleans as `--set` would have written them; empty when there is none. */
export function textAt(tree: Json | undefined, ...path: readonly string[]): string {
  return scalarText(at(tree, ...path));
}

/** A map whose values are all text, as labels and annotations are; other values read as `textAt` reads them. */
export function textsAt(
  tree: Json | undefined,
  ...path: readonly string[]
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectAt(tree, ...path)).map(([name, value]) => [name, textAt(value)]),
  );
}

/**
 * Lays `overlay` over `base`: objects merge key by key, everything else replaces.
 * Lists of named things (containers, environment) merge by name, as in Kubernetes' strategic merge.
 */
export function merge(base: JsonObject, overlay: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(overlay)) merged[key] = mergeValue(base[key], value);
  return merged;
}

/** Lays `overlay` over `base` as Istio merges operator files: objects key by key, and whole lists in place of lists. */
export function mergeMaps(base: JsonObject, overlay: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...base };
  for (const [key, value] of Object.entries(overlay)) {
    const below = base[key];
    merged[key] = isObject(below) && isObject(value) ? mergeMaps(below, value) : value;
  }
  return merged;
}

function mergeValue(base: Json | undefined, overlay: Json | undefined): Json | undefined {
  if (isObject(base) && isObject(overlay)) return merge(base, overlay);
  if (isList(base) && isList(overlay) && isNamedList(base) && isNamedList(overlay)) {
    return mergeNamed(base, overlay);
  }
  return overlay;
}

function isNamedList(list: readonly Json[]): list is readonly JsonObject[] {
  return list.every((item) => isObject(item) && typeof item['name'] === 'string');
}

function mergeNamed(base: readonly JsonObject[], overlay: readonly JsonObject[]): readonly Json[] {
  const merged = new Map(base.map((item) => [item['name'], item]));
  for (const item of overlay) {
    const known = merged.get(item['name']);
    merged.set(item['name'], known ? merge(known, item) : item);
  }
  return [...merged.values()];
}

/** `object` without one of its fields. */
export function without(object: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== field));
}
