/** What keeps a configuration from being applied, in the words of structured-merge-diff. */
import type { ApiError } from '../../client/api-error.ts';
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

interface Expectation {
  readonly fits: (value: Json) => boolean;
  readonly words: (value: Json) => string;
}

const isScalar = (value: Json) => !isObject(value) && !isList(value);
const NUMERIC: Expectation = {
  fits: (value) => typeof value === 'number',
  words: (value) => `expected numeric (int or float), got ${goType(value)}`,
};
const ANY_SCALAR: Expectation = {
  fits: isScalar,
  words: (value) => `expected any scalar, got ${goPointer(value)}`,
};
const EXPECTATIONS: Readonly<Record<Schema['type'], Expectation>> = {
  any: { fits: () => true, words: () => '' },
  object: { fits: isObject, words: (value) => `expected map, got ${goPointer(value)}` },
  array: { fits: isList, words: (value) => `expected list, got ${goPointer(value)}` },
  string: {
    fits: (value) => typeof value === 'string',
    words: (value) => `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`,
  },
  boolean: {
    fits: (value) => typeof value === 'boolean',
    words: (value) => `expected boolean, got ${goPointer(value)}`,
  },
  integer: NUMERIC,
  number: NUMERIC,
};

function mismatchOf(value: Json, { type, format = '' }: Schema): string | undefined {
  const { fits, words } = UNTYPED_FORMATS.has(format) ? ANY_SCALAR : EXPECTATIONS[type];
  return fits(value) ? undefined : words(value);
}

function goPointer(value: Json): string {
  return `&{${goText(value)}}`;
}
