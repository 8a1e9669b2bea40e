import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';
import type { PathTree } from './path-tree.ts';
import { isLeaf, itemElement, itemsByElement, schemaOf } from './paths.ts';

/** The current object with everything that the applied configuration names set as it says. */
export function mergeApplied(
  current: JsonObject,
  applied: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const result: Record<string, Json | undefined> = { ...current };
  for (const [key, value] of Object.entries(applied)) {
    // An explicit null is the absence of a value, which may be defaulted afterwards.
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = merged(result[key], value, schemaOf(schema, key));
  }
  return result;
}

function merged(current: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  if (isLeaf(applied, schema)) return applied;
  if (isObject(applied)) {
    return mergeApplied(isObject(current) ? current : {}, applied, schema);
  }
  if (!isList(applied) || !isList(current) || current.length === 0) return applied;
  return mergeItems(current, applied, schema);
}

/** Items of the configuration in its order; the others keep their places among them. */
function mergeItems(
  current: readonly Json[],
  applied: readonly Json[],
  schema: Schema | undefined,
): readonly Json[] {
  const left = current.map((item) => ({ item, element: itemElement(item, schema) }));
  const right = applied.map((item) => ({ item, element: itemElement(item, schema) }));
  const known = itemsByElement(current, schema);
  const wanted = new Set(right.map(({ element }) => element));
  const shared = right.map(({ element }) => element).filter((element) => known.has(element));
  const taken = new Set<string>();
  const result: Json[] = [];
  const takeApplied = ({ item, element }: { readonly item: Json; readonly element: string }) => {
    result.push(merged(known.get(element), item, schema?.items));
    taken.add(element);
    if (shared[0] === element) shared.shift();
  };
  while (left.length > 0 || right.length > 0) {
    const [mine] = left;
    const [theirs] = right;
    if (mine && !wanted.has(mine.element)) {
      result.push(mine.item);
      left.shift();
    } else if (mine && (taken.has(mine.element) || isLater(mine.element, shared, theirs))) {
      left.shift();
    } else if (theirs) {
      if (mine?.element === theirs.element) left.shift();
      takeApplied(theirs);
      right.shift();
    }
  }
  return result;
}

/** Whether a shared item of the current list is not the one that comes next in the configuration. */
function isLater(element: string, shared: readonly string[], theirs: object | undefined): boolean {
  return theirs !== undefined && shared[0] !== undefined && shared[0] !== element;
}

/** The value without what the tree names; undefined when nothing is left of it. */
export function removeItems(
  value: Json,
  tree: PathTree,
  schema: Schema | undefined,
): Json | undefined {
  if (tree.children.size === 0) return value;
  if (isLeaf(value, schema)) return isObject(value) || isList(value) ? undefined : value;
  if (isList(value)) {
    const rest = value.flatMap((item) => {
      const child = tree.children.get(itemElement(item, schema));
      if (!child) return [item];
      return child.isMember ? [] : [removeItems(item, child, schema?.items) ?? {}];
    });
    return rest.length > 0 ? rest : undefined;
  }
  return isObject(value) ? removeFields(value, tree, schema) : value;
}

function removeFields(
  object: JsonObject,
  tree: PathTree,
  schema: Schema | undefined,
): JsonObject | undefined {
  const result: Record<string, Json | undefined> = { ...object };
  for (const [key, value] of Object.entries(object)) {
    const child = tree.children.get(`f:${key}`);
    if (!child || value === undefined) continue;
    const rest = child.isMember ? undefined : removeItems(value, child, schemaOf(schema, key));
    if (rest === undefined) delete result[key];
    else result[key] = rest;
  }
  return Object.keys(result).length > 0 ? result : undefined;
}
