/** What keeps a configuration from being applied, in the words of structured-merge-diff. */
import { ApiError } from '../../client/api-error.ts';
import type { Kind, Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { unexplained } from '../errors.ts';
import { goSyntax, goText, goType } from '../objects/go-text.ts';
import { isList, isObject, stringAt } from '../objects/json.ts';
import { groupVersion } from '../served-kinds.ts';
import { itemElement, listKeys, readableElement, schemaOf } from './paths.ts';

/** Why a configuration does not fit its kind; undefined when it does. Unlike elsewhere, unknown fields are never ignored. */
export function configurationError(kind: Kind, configuration: JsonObject): ApiError | undefined {
  const problems: string[] = [];
  check(problems, '', configuration, kind.schema);
  if (problems.length === 0) return undefined;
  const [first = ''] = problems;
  const all =
    problems.length === 1 ? first : ['errors:', ...problems.map((one) => `  ${one}`)].join('\n');
  const namespace = stringAt(configuration, 'metadata', 'namespace') ?? '';
  const name = stringAt(configuration, 'metadata', 'name') ?? '';
  // The core group has an empty name before its slash.
  const version = kind.group === '' ? `/${kind.version}` : groupVersion(kind);
  return unexplained(
    `failed to create typed patch object (${namespace}/${name}; ${version}, Kind=${kind.kind}): ${all}`,
  );
}

function check(problems: string[], path: string, value: Json, schema: Schema): void {
  if (value === null) return;
  const mismatch = mismatchOf(value, schema);
  if (mismatch !== undefined) problems.push(path === '' ? mismatch : `${path}: ${mismatch}`);
  else if (isList(value)) checkItems(problems, path, value, schema);
  else if (isObject(value)) checkFields(problems, path, value, schema);
}

function checkFields(problems: string[], path: string, object: JsonObject, schema: Schema): void {
  if (!schema.properties && !schema.additionalProperties) return;
  for (const [key, value] of Object.entries(object)) {
    const known = schemaOf(schema, key);
    if (known) {
      if (value !== undefined) check(problems, `${path}.${key}`, value, known);
    } else if (schema.preservesUnknownFields !== true) {
      problems.push(`${path}.${key}: field not declared in schema`);
      // Upstream looks no further in this map.
      return;
    }
  }
}

function checkItems(problems: string[], path: string, list: readonly Json[], schema: Schema): void {
  const keys = listKeys(schema);
  const isKeyed = keys !== undefined || schema.listType === 'set';
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const missing = keys && missingKeys(item, keys, schema);
    if (missing !== undefined) {
      problems.push(`${path}: element ${index}: ${missing}`);
      return;
    }
    const element = isKeyed ? itemElement(item, schema) : '';
    const place = isKeyed ? readableElement(element) : `[${index}]`;
    if (isKeyed && seen.has(element)) {
      problems.push(`${path}: duplicate entries for key ${place}`);
    }
    seen.add(element);
    if (schema.items) check(problems, path + place, item, schema.items);
  }
}

function missingKeys(item: Json, keys: readonly string[], schema: Schema): string | undefined {
  if (item === null) return 'associative list with keys may not have a null element';
  if (!isObject(item)) return 'associative list with keys may not have non-map elements';
  if (itemElement(item, schema) !== 'k:{}') return undefined;
  const names = keys.map((key) => JSON.stringify(key)).join(' ');
  return `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`;
}

const UNTYPED_FORMATS = new Set(['int-or-string', 'quantity']);

function mismatchOf(value: Json, schema: Schema): string | undefined {
  const { type, format = '' } = schema;
  const isScalar = !isObject(value) && !isList(value);
  if (UNTYPED_FORMATS.has(format)) {
    return isScalar ? undefined : `expected any scalar, got ${goPointer(value)}`;
  }
  switch (type) {
    case 'any':
      return undefined;
    case 'object':
      return isObject(value) ? undefined : `expected map, got ${goPointer(value)}`;
    case 'array':
      return isList(value) ? undefined : `expected list, got ${goPointer(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${goPointer(value)}`;
    case 'integer':
    case 'number':
      break;
  }
  return typeof value === 'number'
    ? undefined
    : `expected numeric (int or float), got ${goType(value)}`;
}

function goPointer(value: Json): string {
  return `&{${goText(value)}}`;
}
