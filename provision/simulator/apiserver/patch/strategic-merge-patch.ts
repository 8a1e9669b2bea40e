import type { ApiError } from '../../client/api-error.ts';
import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { badRequest, unexplained } from '../errors.ts';
import { schemaOf } from '../managed-fields/paths.ts';
import { goText, goType } from '../objects/go-text.ts';
import { isList, isObject } from '../objects/json.ts';
import { checkOrder } from './element-order.ts';
import { inOrder, partition } from './list-order.ts';
import { Places } from './places.ts';

type Fields = Record<string, Json | undefined>;

const DELETE_FROM = '$deleteFromPrimitiveList/';
const SET_ORDER = '$setElementOrder/';
const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';

/**
 * Applies a strategic merge patch (Kubernetes documentation, "Update API Objects in Place Using kubectl patch"; the
 * directives are those of sig-architecture's "strategic merge patch" page). Lists merge where the schema has a merge key.
 * @throws ApiError 400 for directives in the wrong form, 500 in bare words for unknown directives and items without
 * their merge key, as upstream
 */
export function strategicMergePatch(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema,
): JsonObject {
  return mergeObject(target, patch, schema);
}

function mergeObject(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return withoutDirectives({ ...patch, [DIRECTIVE]: undefined });
  if (directive === 'delete') return {};
  if (directive !== undefined) throw unknownDirective(directive, patch);
  const result: Fields = retained(target, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === DIRECTIVE || key === RETAIN_KEYS) continue;
    if (key.startsWith(SET_ORDER)) continue;
    if (key.startsWith(DELETE_FROM)) deletePrimitives(result, key, value);
    else mergeField(result, { key, value, schema: schemaOf(schema, key) });
  }
  for (const [key, order] of Object.entries(patch)) {
    if (key.startsWith(SET_ORDER)) reorder(result, { target, patch, key, order, schema });
  }
  return result;
}

/** The object without the keys that `$retainKeys` does not name. */
function retained(target: JsonObject, patch: JsonObject): Fields {
  const keys = patch[RETAIN_KEYS];
  if (keys === undefined) return { ...target };
  const named = new Set<Json>(isList(keys) ? keys : []);
  const isUnnamed = (key: string) => !key.startsWith('$') && patch[key] !== null && !named.has(key);
  if (!isList(keys) || Object.keys(patch).some(isUnnamed)) {
    throw badRequest('invalid patch format of retainKeys');
  }
  return Object.fromEntries(Object.entries(target).filter(([key]) => named.has(key)));
}

function deletePrimitives(result: Fields, key: string, value: Json): void {
  const list = result[key.slice(DELETE_FROM.length)];
  if (!isList(list) || !isList(value)) return;
  const deleted = new Set(value);
  result[key.slice(DELETE_FROM.length)] = list.filter((item) => !deleted.has(item));
}

interface FieldPatch {
  readonly key: string;
  readonly value: Json;
  readonly schema: Schema | undefined;
}

function mergeField(result: Fields, { key, value, schema }: FieldPatch): void {
  const old = result[key];
  const isReplaced = schema?.mergeStrategy?.includes('replace') === true;
  if (value === null) {
    delete result[key];
  } else if (isObject(value) && isObject(old) && !isReplaced) {
    result[key] = mergeObject(old, value, schema);
  } else if (isList(value) && isList(old) && isMergedList(schema)) {
    result[key] = mergeList(old, value, schema);
  } else {
    result[key] = clean(value);
  }
}

function isMergedList(schema: Schema | undefined): boolean {
  return schema?.mergeKey !== undefined || schema?.mergeStrategy?.includes('merge') === true;
}

function mergeList(
  old: readonly Json[],
  patch: readonly Json[],
  schema: Schema | undefined,
): readonly Json[] {
  const mergeKey = schema?.mergeKey;
  if (mergeKey === undefined) {
    const places = new Places([...old, ...patch]);
    const all = [...old, ...patch].filter((item, index) => places.indexOf(item) === index);
    return inOrder(partition(all, patch), patch, old);
  }
  const { kept, changes } = followDirectives(old, patch, mergeKey);
  const merged = [...kept];
  const places = new Places(kept, mergeKey);
  for (const change of changes) {
    checkKey(change, mergeKey);
    const index = places.indexOf(change);
    const before = merged[index];
    if (isObject(before)) merged[index] = mergeObject(before, change, schema?.items);
    else {
      merged.push(withoutDirectives(change));
      places.add(change);
    }
  }
  return inOrder(partition(merged, changes, mergeKey), changes, kept, mergeKey);
}

/** Carries out `$patch: delete` and `$patch: replace` of list items; what remains of the patch is merged by key. */
function followDirectives(
  old: readonly Json[],
  patch: readonly Json[],
  mergeKey: string,
): { readonly kept: readonly Json[]; readonly changes: readonly JsonObject[] } {
  const deleted: Json[] = [];
  const changes: JsonObject[] = [];
  let isReplaced = false;
  for (const item of patch) {
    if (!isObject(item)) {
      throw unexplained(`list element types are not identical: ${goText([...old, ...patch])}`);
    }
    const directive = item[DIRECTIVE];
    if (directive === 'replace') isReplaced = true;
    else if (directive === 'delete') {
      checkKey(item, mergeKey);
      deleted.push(item);
    } else if (directive === undefined) changes.push(item);
    else if (directive === 'merge') {
      throw unexplained('merging lists cannot yet be specified in the patch');
    } else throw unknownDirective(directive, item);
  }
  const gone = new Places(deleted, mergeKey);
  return { kept: isReplaced ? [] : old.filter((item) => gone.indexOf(item) < 0), changes };
}

function checkKey(item: JsonObject, mergeKey: string): void {
  const key = item[mergeKey];
  if (key !== undefined && key !== null) return;
  throw unexplained(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);
}

function unknownDirective(directive: Json, patch: JsonObject): ApiError {
  return unexplained(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
}

interface Reordering {
  readonly target: JsonObject;
  readonly patch: JsonObject;
  readonly key: string;
  readonly order: Json | undefined;
  readonly schema: Schema | undefined;
}

/** Carries out `$setElementOrder`: named items stand in that order, the others keep their place among them. */
function reorder(result: Fields, { target, patch, key, order, schema }: Reordering): void {
  const field = key.slice(SET_ORDER.length);
  const list = result[field];
  if (!isList(order)) {
    throw unexplained(`expected a []interface {}, but received a ${goType(order ?? null)}`);
  }
  const mergeKey = schemaOf(schema, field)?.mergeKey;
  const items = patch[field];
  if (isList(items)) checkOrder(items, order, mergeKey);
  if (!isList(list)) return;
  const old = target[field];
  result[field] = inOrder(
    partition(list, order, mergeKey),
    order,
    isList(old) ? old : [],
    mergeKey,
  );
}

/** A value that is taken over whole: nulls and directives in it have nothing to act on. */
function clean(value: Json): Json {
  if (isList(value)) {
    return value.filter((item) => !isDeletion(item)).map((item) => clean(item));
  }
  return isObject(value) ? withoutDirectives(value) : value;
}

function isDeletion(item: Json): boolean {
  const directive = isObject(item) ? item[DIRECTIVE] : undefined;
  return directive === 'delete' || directive === 'replace';
}

function withoutDirectives(object: JsonObject): JsonObject {
  const result: Fields = {};
  for (const [key, value] of Object.entries(object)) {
    const isDirective =
      key === DIRECTIVE ||
      key === RETAIN_KEYS ||
      key.startsWith(SET_ORDER) ||
      key.startsWith(DELETE_FROM);
    if (!isDirective && value !== undefined && value !== null) result[key] = clean(value);
  }
  return result;
}
