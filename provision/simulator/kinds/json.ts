/** Reading JSON that is known to be JSON but not yet known to have any shape. */
import type { Json, JsonObject, KubeObject } from './object.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** What a text says in JSON; undefined when it is none. */
export function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object of the API as plain JSON: interfaces have no index signature, so the compiler needs this door. */
export function asJson(value: object): JsonObject {
  return isObject(value) ? value : {};
}

/**
 * JSON that came from an object of the API, as one again.
 * @throws TypeError when it has lost its apiVersion, kind or metadata
 */
export function asKubeObject(value: JsonObject): KubeObject {
  if (!isKubeObject(value)) throw new TypeError('Cannot read an object without kind and metadata');
  return value;
}

function isKubeObject(value: unknown): value is KubeObject {
  return isObject(value) && typeof value['kind'] === 'string' && isObject(value['metadata']);
}

/** What stands under `path`; undefined as soon as a part of the way is missing. */
export function at(value: unknown, ...path: readonly string[]): Json | undefined {
  let here = isJson(value) ? value : undefined;
  for (const key of path) {
    if (!isObject(here)) return undefined;
    here = here[key];
  }
  return here;
}

/** The path of a field, as messages write it: `spec.replicas`; `parent` is empty for the root. */
export function fieldPath(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}

/** The object under `path`, or an empty one. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list under `path`, or an empty one. */
export function listAt(value: unknown, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** The objects of the list under `path`; what else stands there is left out. */
export function objectsAt(value: unknown, ...path: readonly string[]): readonly JsonObject[] {
  return listAt(value, ...path).filter(isObject);
}

/** The string under `path`, or an empty one: Go's zero value, which is what upstream's code sees. */
export function stringAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The number under `path`; undefined when there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The strings of the map under `path`: labels, selectors, quantities. */
export function stringMapAt(
  value: unknown,
  ...path: readonly string[]
): Readonly<Record<string, string>> {
  const strings: Record<string, string> = {};
  for (const [key, item] of Object.entries(objectAt(value, ...path))) {
    if (typeof item === 'string') strings[key] = item;
  }
  return strings;
}

/** The strings of the list under `path`; what else stands there is left out. */
export function stringsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string');
}

/** Whether two JSON values are the same to Kubernetes: keys in any order, undefined as good as absent. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isList(left)) {
    return (
      isList(right) &&
      left.length === right.length &&
      left.every((item, index) => isSame(item, right[index]))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  for (const key of Object.keys(left)) {
    if (!isSame(left[key], right[key])) return false;
  }
  return Object.keys(right).every((key) => right[key] === undefined || left[key] !== undefined);
}

// Callers hand in parsed JSON typed by interfaces; only values that JSON cannot hold are kept out.
function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/** `object` with those of `defaults` that it has no value for, as an empty text is none to Go; the same object when it has all. */
export function withDefaults(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(([key, value]) => {
    const isEmptyText = object[key] === '' && typeof value === 'string' && value !== '';
    return value !== undefined && (isUnset(object[key]) || isEmptyText);
  });
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

/** `object` with the object under `key` changed; the same object when there is none or nothing changes. */
export function changeField(
  object: JsonObject,
  key: string,
  change: (value: JsonObject) => JsonObject,
): JsonObject {
  const before = object[key];
  if (!isObject(before)) return object;
  const after = change(before);
  return after === before ? object : { ...object, [key]: after };
}

/** `object` with each object of the list under `key` changed; the same object when nothing changes. */
export function changeItems(
  object: JsonObject,
  key: string,
  change: (item: JsonObject) => JsonObject,
): JsonObject {
  const before = object[key];
  if (!isList(before)) return object;
  const after = before.map((item) => (isObject(item) ? change(item) : item));
  return after.every((item, i) => item === before[i]) ? object : { ...object, [key]: after };
}

/** Whether Go would see a nil: absent or null. */
export function isUnset(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** A value as text: strings as they are, everything else as JSON. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** Texts, numbers and booleans as text; empty for everything else. */
export function scalarText(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** The texts of a list. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).map(asText);
}
