/** How large values can be that a schema describes, by its limits or by what fits into a request (apiserver, pkg/cel/common/schemas.go). */
import { isObject, numberAt, objectAt, stringAt, stringsAt } from '../../json.ts';
import type { Json, JsonObject } from '../../object.ts';
import { REQUEST_LIMIT_BYTES } from '../limits.ts';

/** The size that a value can have at most: characters, items or entries; 0 for what has none. */
export interface Bound {
  readonly size: number;
  /** Items of a list, values of a map. */
  readonly element: Bound | undefined;
  readonly field: (name: string) => Bound | undefined;
}

/** UTF-8 has up to four bytes for one of the characters that maxLength counts. */
const BYTES_PER_CHARACTER = 4;
const FORMAT_SIZES: Readonly<Record<string, { readonly least: number; readonly most: number }>> = {
  duration: { least: 4, most: 32 },
  date: { least: 12, most: 12 },
  'date-time': { least: 21, most: 27 },
};

/** What a schema says; `nameOf` gives the property behind a name in an expression. */
export function boundOf(schema: Json | undefined, nameOf: (name: string) => string): Bound {
  const raw = isObject(schema) ? schema : {};
  const { items, additionalProperties } = raw;
  const inner = isObject(items)
    ? items
    : isObject(additionalProperties)
      ? additionalProperties
      : undefined;
  return {
    size: sizeOf(raw),
    get element() {
      return inner && boundOf(inner, nameOf);
    },
    field(name) {
      const property = objectAt(raw, 'properties')[nameOf(name)];
      if (property !== undefined) return boundOf(property, nameOf);
      return isObject(additionalProperties) ? boundOf(additionalProperties, nameOf) : undefined;
    },
  };
}

function sizeOf(raw: JsonObject): number {
  if (raw['x-kubernetes-int-or-string'] === true) return textSize(raw);
  switch (stringAt(raw, 'type')) {
    case 'string':
      return FORMAT_SIZES[stringAt(raw, 'format')]?.most ?? textSize(raw);
    case 'array':
      return numberAt(raw, 'maxItems') ?? fitting(leastSize(raw['items']) + 1);
    case 'object': {
      const values = raw['additionalProperties'];
      if (!isObject(values)) return 0;
      return numberAt(raw, 'maxProperties') ?? fitting(leastSize(values) + 6);
    }
    default:
      return 0;
  }
}

function textSize(raw: JsonObject): number {
  const limit = numberAt(raw, 'maxLength');
  if (limit !== undefined) return limit * BYTES_PER_CHARACTER;
  const choices = stringsAt(raw, 'enum');
  return choices.length > 0
    ? Math.max(...choices.map((choice) => choice.length))
    : REQUEST_LIMIT_BYTES - 2;
}

function fitting(bytes: number): number {
  return Math.floor((REQUEST_LIMIT_BYTES - 2) / bytes);
}

/** Bytes that a value of the schema has at least as JSON. */
function leastSize(schema: Json | undefined): number {
  if (!isObject(schema) || schema['x-kubernetes-int-or-string'] === true) return 1;
  switch (stringAt(schema, 'type')) {
    case 'string':
      return FORMAT_SIZES[stringAt(schema, 'format')]?.least ?? 2;
    case 'boolean':
      return 4;
    case 'array':
      return 2;
    case 'object':
      return objectLeastSize(schema);
    default:
      return 1;
  }
}

function objectLeastSize(schema: JsonObject): number {
  const properties = objectAt(schema, 'properties');
  return stringsAt(schema, 'required').reduce((sum, name) => {
    const property = properties[name];
    const isGiven = isObject(property) && property['default'] === undefined;
    return isGiven ? sum + name.length + leastSize(property) + 4 : sum;
  }, 2);
}

/** How often a value of the schema can stand in an object, where nothing limits the list or map around it. */
export function mostOften(schema: JsonObject): number {
  return Math.floor(REQUEST_LIMIT_BYTES / (leastSize(schema) + 1));
}
