/**
 * Field paths as managedFields knows them (Kubernetes documentation, "Server-Side Apply"). A path is its elements joined
 * by line ends: `f:spec`, `k:{"name":"web"}`, `v:"x"`. Lists without a type and lists of plain values are one field.
 */
import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

export type Path = string;
/** Every field of an object with its value; items of keyed lists are fields of their own, too. */
export type FieldValues = ReadonlyMap<Path, Json>;

const SEPARATOR = '\n';
/** Metadata that the server keeps; nobody manages it. */
const UNMANAGED = new Set([
  'f:apiVersion',
  'f:kind',
  ...[
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'resourceVersion',
    'managedFields',
    'generateName',
    'selfLink',
  ].map((key) => joinPath('f:metadata', `f:${key}`)),
]);
/** Default values of keys that items may leave out (a port's protocol). */
const KEY_DEFAULTS: Readonly<Record<string, Json>> = { protocol: 'TCP' };

export function joinPath(parent: Path, element: string): Path {
  return parent === '' ? element : parent + SEPARATOR + element;
}

export function splitPath(path: Path): readonly string[] {
  return path.split(SEPARATOR);
}

/** The fields of an object, in its own order. */
export function fieldValues(object: JsonObject, schema: Schema): FieldValues {
  const fields = new Map<Path, Json>();
  collectObject(fields, '', object, schema);
  return fields;
}

/** The keys that tell the items of a list apart; undefined when the list is one field. */
export function listKeys(schema: Schema | undefined): readonly string[] | undefined {
  if (schema?.listType === 'atomic') return undefined;
  return schema?.listMapKeys ?? (schema?.mergeKey === undefined ? undefined : [schema.mergeKey]);
}

/** Whether every value of the list is a field of its own. */
export function isSet(schema: Schema | undefined): boolean {
  return schema?.listType === 'set';
}

/** The schema of an object's field. */
export function schemaOf(schema: Schema | undefined, key: string): Schema | undefined {
  return schema?.properties?.[key] ?? schema?.additionalProperties;
}

/** The path element of a list item: `k:{"containerPort":80,"protocol":"TCP"}`. */
export function itemElement(item: Json, keys: readonly string[]): string {
  const key: Record<string, Json> = {};
  for (const name of keys.toSorted()) {
    const value = (isObject(item) ? item[name] : undefined) ?? KEY_DEFAULTS[name];
    if (value !== undefined) key[name] = value;
  }
  return `k:${JSON.stringify(key)}`;
}

function collect(fields: Map<Path, Json>, path: Path, value: Json, schema?: Schema): void {
  if (isList(value)) collectList(fields, path, value, schema);
  else if (isObject(value) && !isWhole(value, schema)) {
    collectObject(fields, path, value, schema);
  } else fields.set(path, value);
}

/** Whether an object is one field: it is empty, or its schema says so. */
export function isWhole(object: JsonObject, schema: Schema | undefined): boolean {
  return schema?.mapType === 'atomic' || Object.keys(object).length === 0;
}

function collectObject(
  fields: Map<Path, Json>,
  path: Path,
  object: JsonObject,
  schema: Schema | undefined,
): void {
  for (const [key, value] of Object.entries(object)) {
    const child = joinPath(path, `f:${key}`);
    if (value === undefined || UNMANAGED.has(child)) continue;
    collect(fields, child, value, schemaOf(schema, key));
  }
}

function collectList(
  fields: Map<Path, Json>,
  path: Path,
  list: readonly Json[],
  schema: Schema | undefined,
): void {
  const keys = listKeys(schema);
  if (keys) {
    for (const item of list) {
      const child = joinPath(path, itemElement(item, keys));
      // The item itself is a field as well: who owns it keeps it in the list.
      fields.set(child, {});
      collect(fields, child, item, schema?.items);
    }
  } else if (isSet(schema)) {
    for (const item of list) fields.set(joinPath(path, `v:${JSON.stringify(item)}`), item);
  } else fields.set(path, list);
}
