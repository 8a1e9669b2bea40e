import { ApiError } from '../../client/api-error.ts';
import type { Kind, Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject, isSame } from '../objects/json.ts';
import { isSameManager, readEntries, type Entry } from './entries.ts';
import {
  fieldValues,
  isSet,
  isWhole,
  itemElement,
  joinPath,
  listKeys,
  schemaOf,
  splitPath,
  type Path,
} from './paths.ts';

export interface ApplyOptions {
  readonly manager: string;
  readonly isForced: boolean;
  readonly subresource: string;
}

/** The object after an apply and the fields its manager then owns. */
export interface Applied {
  readonly object: JsonObject;
  readonly paths: ReadonlySet<Path>;
}

/**
 * Merges an applied configuration into the current object (Kubernetes documentation, "Server-Side Apply"): what it
 * names is set, what the manager applied before and no longer names goes, unless others own it too.
 * @throws ApiError 409 with a cause for each field that another manager set to another value, unless forced
 */
export function applyConfiguration(
  kind: Kind,
  current: JsonObject,
  applied: JsonObject,
  options: ApplyOptions,
): Applied {
  const values = fieldValues(applied, kind.schema);
  const entries = readEntries(current);
  const own = { ...options, operation: 'Apply' } as const;
  const isOwn = (entry: Entry) => isSameManager(entry, own);
  const others = entries.filter((entry) => !isOwn(entry));
  if (!options.isForced) refuseConflicts(kind, current, values, others);
  const kept = new Set([...values.keys(), ...others.flatMap(({ paths }) => [...paths])]);
  const isDropped = (path: Path) =>
    !kept.has(path) && !kept.values().some((other) => other.startsWith(`${path}\n`));
  const dropped = new Set(
    entries.filter(isOwn).flatMap(({ paths }) => [...paths].filter(isDropped)),
  );
  const merged = mergeObject(current, applied, kind.schema);
  return { object: dropObject(merged, '', kind.schema, dropped), paths: new Set(values.keys()) };
}

function refuseConflicts(
  kind: Kind,
  current: JsonObject,
  values: ReadonlyMap<Path, Json>,
  others: readonly Entry[],
): void {
  const before = fieldValues(current, kind.schema);
  const conflicts = others.flatMap((entry) =>
    [...entry.paths]
      .filter((path) => values.has(path) && !isSame(values.get(path), before.get(path)))
      .map((path) => ({ entry, field: readable(path) })),
  );
  if (conflicts.length === 0) return;
  const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`;
  const texts = conflicts.map(({ entry, field }) => ({ with: nameOf(entry), field }));
  const managers = new Set(texts.map((text) => text.with));
  const only = texts.length === 1 ? texts[0] : undefined;
  const list = [...managers].map(
    (manager) =>
      `conflicts with ${manager}:\n${texts
        .filter((text) => text.with === manager)
        .map((text) => `- ${text.field}`)
        .join('\n')}`,
  );
  const detail = only ? `conflict with ${only.with}: ${only.field}` : list.join('\n');
  throw new ApiError(409, 'Conflict', `Apply failed with ${count}: ${detail}`, {
    causes: texts.map((text) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${text.with}`,
      field: text.field,
    })),
  });
}

function nameOf({ manager, operation, apiVersion, subresource }: Entry): string {
  const part = subresource === '' ? '' : ` with subresource "${subresource}"`;
  return `"${manager}"${part}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

/** `.spec.template.spec.containers[name="web"].image`. */
function readable(path: Path): string {
  return splitPath(path)
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
      const key: unknown = JSON.parse(element.slice(2));
      const pairs = isObject(key) ? Object.entries(key) : [];
      return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

function mergeValue(current: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  if (isObject(applied) && isObject(current)) {
    return schema?.mapType === 'atomic' ? applied : mergeObject(current, applied, schema);
  }
  if (!isList(applied) || !isList(current)) return applied;
  const keys = listKeys(schema);
  if (keys) return mergeList(current, applied, keys, schema?.items);
  if (!isSet(schema)) return applied;
  const added = applied.filter((item) => !current.some((other) => isSame(item, other)));
  return [...current, ...added];
}

function mergeObject(
  current: JsonObject,
  applied: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const result: Record<string, Json | undefined> = { ...current };
  for (const [key, value] of Object.entries(applied)) {
    if (value === undefined || value === null) continue;
    result[key] = mergeValue(result[key], value, schemaOf(schema, key));
  }
  return result;
}

function mergeList(
  current: readonly Json[],
  applied: readonly Json[],
  keys: readonly string[],
  items: Schema | undefined,
): readonly Json[] {
  const byKey = new Map(current.map((item) => [itemElement(item, keys), item]));
  for (const item of applied) {
    const key = itemElement(item, keys);
    byKey.set(key, mergeValue(byKey.get(key), item, items));
  }
  return [...byKey.values()];
}

function dropValue(
  value: Json,
  path: Path,
  schema: Schema | undefined,
  dropped: ReadonlySet<Path>,
): Json | undefined {
  if (isObject(value)) {
    return isWhole(value, schema) ? value : dropObject(value, path, schema, dropped);
  }
  if (!isList(value)) return value;
  const keys = listKeys(schema);
  if (!keys && !isSet(schema)) return value;
  return value.flatMap((item) => {
    const element = keys ? itemElement(item, keys) : `v:${JSON.stringify(item)}`;
    const child = joinPath(path, element);
    if (dropped.has(child)) return [];
    return [dropValue(item, child, schema?.items, dropped) ?? item];
  });
}

function dropObject(
  object: JsonObject,
  path: Path,
  schema: Schema | undefined,
  dropped: ReadonlySet<Path>,
): JsonObject {
  if (dropped.size === 0) return object;
  const result: Record<string, Json | undefined> = {};
  for (const [key, value] of Object.entries(object)) {
    const child = joinPath(path, `f:${key}`);
    if (value === undefined || dropped.has(child)) continue;
    const rest = dropValue(value, child, schemaOf(schema, key), dropped);
    const isEmptied =
      isObject(rest) &&
      Object.keys(rest).length === 0 &&
      isObject(value) &&
      Object.keys(value).length > 0;
    if (rest !== undefined && !isEmptied) result[key] = rest;
  }
  return result;
}

/** The manager's name as upstream derives it: the parameter, else the client's program name. */
export function managerOf(fieldManager: string | null, userAgent: string | undefined): string {
  if (fieldManager !== null && fieldManager !== '') return fieldManager;
  const program = (userAgent ?? '').split('/', 1)[0] ?? '';
  return program === '' ? 'unknown' : program;
}
