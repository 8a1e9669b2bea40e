import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

/** The object without the fields its schema does not know; itself when it has none of these. */
export function pruneUnknown(object: JsonObject, schema: Schema): JsonObject {
  const pruned = pruneObject(object, schema);
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

function pruneValue(value: Json, schema: Schema): Json {
  if (schema.type === 'any') return value;
  if (isList(value)) {
    const { items } = schema;
    return items ? mapped(value, (item) => pruneValue(item, items)) : value;
  }
  return isObject(value) ? pruneObject(value, schema) : value;
}

function pruneObject(object: JsonObject, schema: Schema): JsonObject {
  const { properties, additionalProperties, preservesUnknownFields } = schema;
  if (!properties && !additionalProperties) return object;
  const result: Record<string, Json> = {};
  let isChanged = false;
  for (const [key, value] of Object.entries(object)) {
    const known = properties?.[key] ?? additionalProperties;
    if (value === undefined || (!known && preservesUnknownFields !== true)) {
      isChanged = true;
      continue;
    }
    const pruned = known ? pruneValue(value, known) : value;
    isChanged ||= pruned !== value;
    result[key] = pruned;
  }
  return isChanged ? result : object;
}

function mapped(list: readonly Json[], change: (item: Json) => Json): readonly Json[] {
  const result = list.map(change);
  return result.some((item, index) => item !== list[index]) ? result : list;
}
