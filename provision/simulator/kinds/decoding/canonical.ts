/** Quantities as the API server stores them, however they were written: `0.5` is `500m`, `1024Mi` is `1Gi`. */
import { isList, isObject } from '../json.ts';
import type { Schema } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { canonicalQuantity } from '../values/quantity.ts';

/** The object with all quantities that its schema knows in their shortest form; itself when they are. */
export function withCanonicalQuantities(schema: Schema, object: JsonObject): JsonObject {
  const changed = canonical(schema, object);
  return isObject(changed) ? changed : object;
}

function canonical(schema: Schema, value: Json): Json {
  if (schema.format === 'quantity') return canonicalText(value);
  if (!hasQuantities(schema)) return value;
  if (isList(value)) return canonicalList(schema, value);
  return isObject(value) ? canonicalObject(schema, value) : value;
}

function canonicalText(value: Json): Json {
  return typeof value === 'string' || typeof value === 'number'
    ? (canonicalQuantity(value) ?? value)
    : value;
}

function canonicalList({ items }: Schema, list: readonly Json[]): readonly Json[] {
  if (!items) return list;
  const changed = list.map((item) => canonical(items, item));
  return changed.every((item, i) => item === list[i]) ? list : changed;
}

function canonicalObject(
  { properties, additionalProperties }: Schema,
  object: JsonObject,
): JsonObject {
  const changed: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const known = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const schema = known ?? additionalProperties;
    if (!schema || value === undefined) continue;
    const shown = canonical(schema, value);
    if (shown !== value) changed[key] = shown;
  }
  return Object.keys(changed).length === 0 ? object : { ...object, ...changed };
}

/** Whether quantities stand anywhere below a definition; most objects need not be walked. */
const known = new Map<string, boolean>();

function hasQuantities(schema: Schema): boolean {
  const { format, definition, items, additionalProperties } = schema;
  if (format === 'quantity') return true;
  if (definition === undefined) {
    return [items, additionalProperties].some((one) => one !== undefined && hasQuantities(one));
  }
  const answer = known.get(definition);
  if (answer !== undefined) return answer;
  // A type that is on its way already is a type that refers to itself.
  known.set(definition, false);
  const found = Object.values(schema.properties ?? {}).some((one) => hasQuantities(one));
  known.set(definition, found);
  return found;
}
