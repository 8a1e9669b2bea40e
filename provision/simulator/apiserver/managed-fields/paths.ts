/**
 * Field paths as managedFields knows them (Kubernetes documentation, "Server-Side Apply"). A path is its elements joined
 * by line ends: `f:spec`, `k:{"name":"web"}`, `v:"x"`. Lists without a type are one field.
 */
import type { Schema } from '../../kinds/kind.ts';
import type { Json } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

export type Path = string;
export type PathSet = ReadonlySet<Path>;

const SEPARATOR = '\n';
/** Default values of keys that items of built-in lists may leave out (a port's protocol). */
const KEY_DEFAULTS: Readonly<Record<string, Json>> = { protocol: 'TCP' };

export function joinPath(parent: Path, element: string): Path {
  return parent === '' ? element : parent + SEPARATOR + element;
}

export function splitPath(path: Path): readonly string[] {
  return path.split(SEPARATOR);
}

/** Whether `path` is `ancestor` or below it. */
export function isWithin(path: Path, ancestor: Path): boolean {
  return path === ancestor || path.startsWith(ancestor + SEPARATOR);
}

/** The paths of `paths` that `others` does not have. */
export function without(paths: PathSet, ...others: readonly PathSet[]): Set<Path> {
  return new Set([...paths].filter((path) => !others.some((other) => other.has(path))));
}

/** The keys that tell the items of a list apart; undefined when the list is one field or a set. */
export function listKeys(schema: Schema | undefined): readonly string[] | undefined {
  if (schema?.listType === 'atomic' || schema?.listType === 'set') return undefined;
  return schema?.listMapKeys ?? (schema?.mergeKey === undefined ? undefined : [schema.mergeKey]);
}

/** Whether the value is one field: a scalar, a list without a type, a struct or map that is owned as a whole. */
export function isLeaf(value: Json, schema: Schema | undefined): boolean {
  if (isList(value)) return listKeys(schema) === undefined && schema?.listType !== 'set';
  return !isObject(value) || schema?.mapType === 'atomic';
}

/** Whether `key` is a field that the schema names, not a key of a map. */
export function isStructField(schema: Schema | undefined, key: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, key);
}

/** The schema of an object's field. */
export function schemaOf(schema: Schema | undefined, key: string): Schema | undefined {
  return isStructField(schema, key) ? schema?.properties?.[key] : schema?.additionalProperties;
}

/** The path element of an item of a keyed list or a set: `k:{"containerPort":80,"protocol":"TCP"}`, `v:"x"`. */
export function itemElement(item: Json, list: Schema | undefined): string {
  const keys = listKeys(list);
  if (!keys) return `v:${JSON.stringify(item)}`;
  const key: Record<string, Json> = {};
  for (const name of keys.length === 1 ? keys : keys.toSorted()) {
    const field = list?.items?.properties?.[name];
    const value =
      (isObject(item) ? item[name] : undefined) ?? field?.default ?? (field && KEY_DEFAULTS[name]);
    if (value !== undefined) key[name] = value;
  }
  return `k:${JSON.stringify(key)}`;
}

/** The items of a keyed list or a set by their path elements; of items with the same keys the first. */
export function itemsByElement(
  list: readonly Json[],
  schema: Schema | undefined,
): ReadonlyMap<string, Json> {
  const items = new Map<string, Json>();
  for (const item of list) {
    const element = itemElement(item, schema);
    if (!items.has(element)) items.set(element, item);
  }
  return items;
}

/** `.spec.template.spec.containers[name="web"].image`. */
export function readablePath(path: Path): string {
  return splitPath(path).map(readableElement).join('');
}

export function readableElement(element: string): string {
  if (element.startsWith('f:')) return `.${element.slice(2)}`;
  if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
  const key: unknown = JSON.parse(element.slice(2));
  const pairs = isObject(key) ? Object.entries(key) : [];
  return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
