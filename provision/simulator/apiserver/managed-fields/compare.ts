import type { Schema } from '../../kinds/kind.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { isList, isObject, isSame } from '../objects/json.ts';
import { isLeaf, itemsByElement, joinPath, schemaOf, type Path } from './paths.ts';

/** What changed between two states of an object, field by field. */
export interface Comparison {
  readonly added: ReadonlySet<Path>;
  readonly modified: ReadonlySet<Path>;
  readonly removed: ReadonlySet<Path>;
}

export interface CompareOptions {
  readonly schema: Schema;
  /** Built-in types are Go structs, whose fields of struct type are there even when nothing is in them. */
  readonly isBuiltIn: boolean;
  /** Asked about each field; what is not wanted is left out. */
  readonly isWanted: (path: Path) => boolean;
}

/** Compares two states as structured-merge-diff does; a struct or list that comes or goes is named as well as what is in it. */
export function compare(
  before: JsonObject,
  after: JsonObject,
  options: CompareOptions,
): Comparison {
  const walk = new Walk(options);
  walk.value('', before, after, options.schema);
  return walk;
}

/** Fields that are structs or lists in Go, not pointers, and are written even when they are empty. */
const ALWAYS_THERE = new Set([
  'metadata',
  'spec',
  'status',
  'template',
  'strategy',
  'updateStrategy',
  'jobTemplate',
  'resources',
  'containers',
  'loadBalancer',
  'source',
  'names',
  'acceptedNames',
  'addresses',
  'nodeInfo',
  'daemonEndpoints',
]);

class Walk implements Comparison {
  readonly added = new Set<Path>();
  readonly modified = new Set<Path>();
  readonly removed = new Set<Path>();
  readonly #options: CompareOptions;

  constructor(options: CompareOptions) {
    this.#options = options;
  }

  value(
    path: Path,
    before: Json | undefined,
    after: Json | undefined,
    schema: Schema | undefined,
  ): void {
    // Stored objects share what did not change.
    if (before === after) return;
    const sample = after ?? before;
    if (sample === undefined) return;
    if (isLeaf(sample, schema) || (isEmpty(before) && isEmpty(after))) {
      this.#leaf(path, before, after);
    } else if (isList(sample)) {
      this.#list(path, before, after, schema);
    } else {
      this.#map(path, before, after, schema);
    }
  }

  #leaf(path: Path, before: Json | undefined, after: Json | undefined): void {
    if (before === undefined) this.#note(this.added, path);
    else if (after === undefined) this.#note(this.removed, path);
    else if (!isSame(before, after)) this.#note(this.modified, path);
  }

  #map(
    path: Path,
    before: Json | undefined,
    after: Json | undefined,
    schema: Schema | undefined,
  ): void {
    const left = isObject(before) ? before : undefined;
    const right = isObject(after) ? after : undefined;
    for (const key of keysOf(left, right)) {
      this.value(
        joinPath(path, `f:${key}`),
        this.#field(left, right, key),
        this.#field(right, left, key),
        schemaOf(schema, key),
      );
    }
    this.#whole(path, before, after);
  }

  #list(
    path: Path,
    before: Json | undefined,
    after: Json | undefined,
    schema: Schema | undefined,
  ): void {
    const left = itemsByElement(isList(before) ? before : [], schema);
    const right = itemsByElement(isList(after) ? after : [], schema);
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      const child = joinPath(path, element);
      this.value(child, left.get(element), right.get(element), schema?.items);
    }
    this.#whole(path, before, after);
  }

  #whole(path: Path, before: Json | undefined, after: Json | undefined): void {
    if (before === undefined) this.#note(this.added, path);
    else if (after === undefined) this.#note(this.removed, path);
  }

  /** The field of `object`; null is as good as absent. */
  #field(object: JsonObject | undefined, other: JsonObject | undefined, key: string) {
    const value = object?.[key] ?? undefined;
    if (value !== undefined || !object || !this.#options.isBuiltIn || !ALWAYS_THERE.has(key)) {
      return value;
    }
    const counterpart = other?.[key];
    if (isList(counterpart)) return [];
    return isObject(counterpart) && Object.keys(counterpart).length > 0 ? {} : undefined;
  }

  #note(paths: Set<Path>, path: Path): void {
    if (path !== '' && this.#options.isWanted(path)) paths.add(path);
  }
}

function keysOf(left: JsonObject | undefined, right: JsonObject | undefined): Iterable<string> {
  if (!left) return Object.keys(right ?? {});
  if (!right) return Object.keys(left);
  return new Set([...Object.keys(left), ...Object.keys(right)]);
}

function isEmpty(value: Json | undefined): boolean {
  if (isList(value)) return value.length === 0;
  return value === undefined || (isObject(value) && Object.keys(value).length === 0);
}
