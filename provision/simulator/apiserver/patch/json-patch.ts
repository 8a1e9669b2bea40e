import { ApiError } from '../../client/api-error.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';
import {
  JSON_PATCH_LIMIT_COPIED_BYTES,
  JSON_PATCH_LIMIT_MOVED_ITEMS,
  JSON_PATCH_LIMIT_OPERATIONS,
} from '../limits.ts';
import { isList, isObject } from '../objects/json.ts';
import { fromTree, isTreeOf, toTree, type Tree } from './json-tree.ts';

/**
 * Applies a JSON patch (RFC 6902).
 * @throws ApiError 400 for what is no patch, 413 for too many operations, 422 without further words, as upstream, when
 * one is unknown, has nowhere to go, copies or moves too much, or is a test that does not hold
 */
export function jsonPatch(target: JsonObject, patch: unknown): JsonObject {
  const patched = new Patching(target);
  for (const operation of readOperations(patch)) patched.apply(operation);
  return patched.result();
}

type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

/** A document under a patch: each operation costs what it carries and the depth it goes to, not the size of the document. */
class Patching {
  /** Holds the document under the empty key, so that it can be replaced as anything in it. */
  readonly #root = new Map<string, Tree>();
  #copiedBytes = 0;
  #movedItems = 0;

  constructor(target: JsonObject) {
    this.#root.set('', toTree(target));
  }

  result(): JsonObject {
    const document = fromTree(this.#root.get('') ?? null);
    if (!isObject(document)) throw rejected();
    return document;
  }

  apply(operation: Operation): void {
    const { path } = operation;
    switch (operation.op) {
      case 'add':
        return this.#add(path, toTree(operation.value));
      case 'replace':
        return this.#replace(path, toTree(operation.value));
      case 'remove':
        return void this.#remove(path);
      case 'move':
        return this.#add(path, this.#remove(operation.from));
      case 'copy':
        return this.#add(path, toTree(this.#copied(operation.from)));
      case 'test':
        if (!isTreeOf(this.#find(path), operation.value)) throw rejected();
        return;
      default:
        return operation satisfies never;
    }
  }

  #copied(from: string): Json {
    const value = fromTree(this.#find(from));
    this.#copiedBytes += JSON.stringify(value).length;
    if (this.#copiedBytes > JSON_PATCH_LIMIT_COPIED_BYTES) throw rejected();
    return value;
  }

  #find(path: string): Tree {
    const { parent, key } = this.#place(path);
    const found = parent instanceof Map ? parent.get(key) : parent[indexIn(parent, key)];
    if (found === undefined) throw rejected();
    return found;
  }

  #add(path: string, value: Tree): void {
    const { parent, key } = this.#place(path);
    if (parent instanceof Map) {
      parent.set(key, value);
      return;
    }
    const index = key === '-' ? parent.length : indexIn(parent, key);
    if (index > parent.length) throw rejected();
    this.#countMoved(parent.length - index);
    parent.splice(index, 0, value);
  }

  #replace(path: string, value: Tree): void {
    const { parent, key } = this.#place(path);
    this.#find(path);
    if (parent instanceof Map) parent.set(key, value);
    else parent[indexIn(parent, key)] = value;
  }

  #remove(path: string): Tree {
    const { parent, key } = this.#place(path);
    const removed = this.#find(path);
    if (parent instanceof Map) parent.delete(key);
    else {
      const index = indexIn(parent, key);
      this.#countMoved(parent.length - index);
      parent.splice(index, 1);
    }
    return removed;
  }

  #place(path: string): { readonly parent: Tree[] | Map<string, Tree>; readonly key: string } {
    const keys = path.split('/').map(unescaped);
    const key = keys.pop() ?? '';
    let parent: Tree = this.#root;
    for (const step of keys) {
      const next: Tree | undefined =
        parent instanceof Map ? parent.get(step) : parent[indexIn(parent, step)];
      if (!(next instanceof Map) && !Array.isArray(next)) throw rejected();
      parent = next;
    }
    return { parent, key };
  }

  #countMoved(items: number): void {
    this.#movedItems += items;
    if (this.#movedItems > JSON_PATCH_LIMIT_MOVED_ITEMS) throw rejected();
  }
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function indexIn(list: readonly Tree[], key: string): number {
  if (!/^(0|[1-9]\d{0,9})$/.test(key)) throw rejected();
  const index = Number(key);
  if (index > list.length) throw rejected();
  return index;
}

function readOperations(patch: unknown): readonly Operation[] {
  if (!isList(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonType(patch)} into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (patch.length > JSON_PATCH_LIMIT_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${JSON_PATCH_LIMIT_OPERATIONS}, got ${patch.length}`,
    );
  }
  return patch.map((operation) => {
    if (isObject(operation)) return readOperation(operation);
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonType(operation)} into Go value of type handlers.jsonPatchOp`,
    );
  });
}

function readOperation({ op, path, from, value }: JsonObject): Operation {
  if (!isPath(path)) throw rejected();
  if (op === 'remove') return { op, path };
  if ((op === 'add' || op === 'replace' || op === 'test') && value !== undefined) {
    return { op, path, value };
  }
  if ((op === 'move' || op === 'copy') && isPath(from)) return { op, path, from };
  throw rejected();
}

function isPath(value: Json | undefined): value is string {
  return typeof value === 'string' && (value === '' || value.startsWith('/'));
}

function rejected(): ApiError {
  return new ApiError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}

function jsonType(value: unknown): string {
  if (isList(value)) return 'array';
  if (isObject(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
