import { asJson, isList, isObject, isUnset, numberAt, stringAt } from '../json.ts';
import type { Column } from '../kind.ts';
import type { Json } from '../object.ts';
import { ageColumn, nameColumn } from '../tables/columns.ts';
/** Columns of custom resources (apiextensions-apiserver, pkg/registry/customresource/tableconvertor). */
import { age } from '../values/age.ts';
import { valuesAt } from './json-path.ts';

/** Name and the declared columns; a CRD that declares none has Age. */
export function crdColumns(declared: readonly Json[]): readonly Column[] {
  if (declared.length === 0) return [nameColumn, { ...ageColumn, type: 'date' }];
  return [nameColumn, ...declared.map(columnOf)];
}

const TYPES = ['string', 'integer', 'number', 'boolean', 'date'] as const;

function columnOf(declared: Json): Column {
  const path = stringAt(declared, 'jsonPath');
  const type = TYPES.find((one) => one === stringAt(declared, 'type')) ?? 'string';
  const format = stringAt(declared, 'format');
  return {
    name: stringAt(declared, 'name'),
    type,
    ...(format !== '' && { format }),
    description: stringAt(declared, 'description') || `Value at ${path}`,
    priority: (numberAt(declared, 'priority') ?? 0) > 0 ? 1 : 0,
    cell: (object, nowMs) => {
      const [value] = valuesAt(asJson(object), path);
      return isUnset(value) ? null : cellOf(type, value, nowMs);
    },
  };
}

function cellOf(type: Column['type'], value: Json, nowMs: number): Json {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : goJson(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      break;
  }
  return typeof value === 'string' ? age(value, nowMs) : null;
}

/** JSON as Go writes it: keys in order, signs of HTML escaped. */
function goJson(value: Json): string {
  return JSON.stringify(inOrder(value)).replaceAll(/[<>&]/g, escaped);
}

function inOrder(value: Json): Json {
  if (isList(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key] ?? null)]));
}

function escaped(sign: string): string {
  return `\\u00${sign.charCodeAt(0).toString(16)}`;
}
