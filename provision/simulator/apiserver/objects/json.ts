import type { Json, JsonObject, KubeObject } from '../../kinds/object.ts';

/** Whether `value` is a JSON object, not a list and not null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is a JSON list. */
export function isJsonList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** `value` as a JSON object; an empty one when it is something else. */
export function objectOr(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** What stands under `path`; undefined when some part of the way is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here: unknown = value;
  for (const key of path) {
    if (!isJsonObject(here)) return undefined;
    here = here[key];
  }
  return here;
}

/** The string under `path`; undefined when there is none. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The number under `path`; undefined when there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The object under `path`; an empty one when there is none. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  return objectOr(at(value, ...path));
}

/** The list under `path`; an empty one when there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return isJsonList(found) ? found : [];
}

/** The strings of the list under `path`. */
export function stringsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string');
}

/** The string values of the map under `path`: labels, annotations, selectors. */
export function stringMapAt(
  value: unknown,
  ...path: readonly string[]
): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const [key, item] of Object.entries(objectAt(value, ...path))) {
    if (typeof item === 'string') map[key] = item;
  }
  return map;
}

/** A copy of `object` with `value` under `path`; undefined takes the key away. Objects on the way are copied, not changed. */
export function withValue(
  object: JsonObject,
  path: readonly string[],
  value: Json | undefined,
): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const next = rest.length === 0 ? value : withValue(objectOr(object[key]), rest, value);
  if (next !== undefined) return { ...object, [key]: next };
  const { [key]: _removed, ...others } = object;
  return others;
}

/** Whether two JSON values say the same; the order of keys does not count, undefined is as good as absent. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isJsonList(left)) {
    return (
      isJsonList(right) &&
      left.length === right.length &&
      left.every((item, index) => jsonEqual(item, right[index]))
    );
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  for (const key of Object.keys(left)) {
    if (!jsonEqual(left[key], right[key])) return false;
  }
  return Object.keys(right).every((key) => right[key] === undefined || left[key] !== undefined);
}

/** A stored object as plain JSON: every KubeObject is JSON, which its interface cannot say. */
export function toJson(object: object): JsonObject {
  // The compiler gives interfaces no index signature; the guard is where we tell it.
  return objectOr(object);
}

/** JSON that has been through the server's own completion of metadata, as an object of the API. */
export function toKubeObject(json: JsonObject): KubeObject {
  if (!isKubeObject(json)) {
    throw new TypeError('Cannot store the object: apiVersion, kind or metadata.name is missing');
  }
  return json;
}

function isKubeObject(value: unknown): value is KubeObject {
  return (
    stringAt(value, 'apiVersion') !== undefined &&
    stringAt(value, 'kind') !== undefined &&
    stringAt(value, 'metadata', 'name') !== undefined
  );
}
