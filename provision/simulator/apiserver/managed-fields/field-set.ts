import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';
import {
  isLeaf,
  isStructField,
  itemsByElement,
  joinPath,
  schemaOf,
  type Path,
  type PathSet,
} from './paths.ts';

/** The fields that an applied configuration names: leaves, empty structs, keys of maps and items of keyed lists. */
export function fieldSet(object: JsonObject, schema: Schema): PathSet {
  const paths = new Set<Path>();
  collect(paths, '', object, schema);
  return paths;
}

function collect(paths: Set<Path>, path: Path, value: Json, schema: Schema | undefined): void {
  if (isLeaf(value, schema)) paths.add(path);
  else if (isList(value)) collectItems(paths, path, value, schema);
  else if (isObject(value)) collectFields(paths, path, value, schema);
}

function collectFields(
  paths: Set<Path>,
  path: Path,
  object: JsonObject,
  schema: Schema | undefined,
): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const child = joinPath(path, `f:${key}`);
    const isEmpty = isObject(value) && Object.keys(value).length === 0;
    if (isEmpty || !isStructField(schema, key)) paths.add(child);
    collect(paths, child, value, schemaOf(schema, key));
  }
}

function collectItems(
  paths: Set<Path>,
  path: Path,
  list: readonly Json[],
  schema: Schema | undefined,
): void {
  for (const [element, item] of itemsByElement(list, schema)) {
    const child = joinPath(path, element);
    // The item itself is a field as well: who owns it keeps it in the list.
    paths.add(child);
    collect(paths, child, item, schema?.items);
  }
}
