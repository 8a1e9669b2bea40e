import { isList, isObject, isUnset, objectAt } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';
import { propertyOf } from './schema.ts';

/**
 * A custom resource with its schema's defaults, which are set where the object around them is
 * (Kubernetes documentation, "Defaulting"); the same object when nothing is missing.
 */
export function applySchemaDefaults(raw: JsonObject, object: JsonObject): JsonObject {
  if (!hasDefaults(raw)) return object;
  const result = complete(raw, object);
  return isObject(result) ? result : object;
}

/** Whether a schema has a default anywhere below; most have none, and their objects need not be walked. */
const known = new WeakMap<JsonObject, boolean>();

function hasDefaults(raw: JsonObject): boolean {
  const answer = known.get(raw);
  if (answer !== undefined) return answer;
  const below = [
    raw['items'],
    raw['additionalProperties'],
    ...Object.values(objectAt(raw, 'properties')),
  ];
  const result = below.some(
    (schema) => isObject(schema) && (schema['default'] !== undefined || hasDefaults(schema)),
  );
  known.set(raw, result);
  return result;
}

function complete(raw: Json | undefined, value: Json): Json {
  if (!isObject(raw) || !hasDefaults(raw)) return value;
  if (isList(value))
    return unlessSame(
      value,
      value.map((item) => complete(raw['items'], item)),
    );
  return isObject(value) ? completeObject(raw, value) : value;
}

function completeObject(raw: JsonObject, object: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  let isChanged = false;
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const property = propertyOf(raw, key);
    const isReplaced =
      value === null &&
      isObject(property) &&
      property['default'] !== undefined &&
      property['nullable'] !== true;
    const completed = isReplaced ? null : complete(property, value);
    isChanged ||= completed !== value || isReplaced;
    if (!isReplaced) result[key] = completed;
  }
  for (const [key, property] of Object.entries(objectAt(raw, 'properties'))) {
    const fallback = objectAt(property)['default'];
    if (isUnset(fallback) || result[key] !== undefined) continue;
    result[key] = complete(property, fallback);
    isChanged = true;
  }
  return isChanged ? result : object;
}

function unlessSame(before: readonly Json[], after: readonly Json[]): readonly Json[] {
  return after.every((item, i) => item === before[i]) ? before : after;
}
