import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

/**
 * The object without the fields its schema does not know, and of built-in kinds without null, which is Go's unset;
 * itself when it has none of these.
 */
export function pruneUnknown(object: JsonObject, schema: Schema): JsonObject {
  const pruned = pruneObject(object, schema, schema.raw === undefined);
  const { apiVersion, kind, metadata } = object;
  return pruned === object
    ? object
    : {
        ...(apiVersion !== undefined && { apiVersion }),
        ...(kind !== undefined && { kind }),
        ...(metadata !== undefined && { metadata }),
        ...pruned,
      };
}

function pruneValue(value: Json, schema: Schema, isBuiltin: boolean): Json {
  if (schema.type === 'any') return value;
  if (isList(value)) {
    const { items } = schema;
    return items ? mapped(value, (item) => pruneValue(item, items, isBuiltin)) : value;
  }
  return isObject(value) ? pruneObject(value, schema, isBuiltin) : value;
}

function pruneObject(object: JsonObject, schema: Schema, isBuiltin: boolean): JsonObject {
  const { properties, additionalProperties, preservesUnknownFields } = schema;
  if (!properties && !additionalProperties) return object;
  const result: Record<string, Json> = {};
  let isChanged = false;
  for (const [key, value] of Object.entries(object)) {
    // Not what every object inherits, such as `constructor`.
    const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const known = property ?? additionalProperties;
    if (isVain(value, property, isBuiltin) || (!known && preservesUnknownFields !== true)) {
      isChanged = true;
      continue;
    }
    const pruned = known ? pruneValue(value, known, isBuiltin) : value;
    isChanged ||= pruned !== value;
    result[key] = pruned;
  }
  return isChanged ? result : object;
}

/** Whether a value says nothing: null does only in a map and where a custom resource may want it. */
function isVain(
  value: Json | undefined,
  property: Schema | undefined,
  isBuiltin: boolean,
): value is undefined {
  return value === undefined || (value === null && isBuiltin && property !== undefined);
}

function mapped(list: readonly Json[], change: (item: Json) => Json): readonly Json[] {
  const result = list.map(change);
  return result.some((item, index) => item !== list[index]) ? result : list;
}
