import fastJsonPatch, { JsonPatchError, type Operation } from 'fast-json-patch';

import { ApiError } from '../../client/api-error.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';
import { JSON_PATCH_LIMIT_COPIED_BYTES, JSON_PATCH_LIMIT_OPERATIONS } from '../limits.ts';
import { isList, isObject } from '../objects/json.ts';

/**
 * Applies a JSON patch (RFC 6902).
 * @throws ApiError 400 for what is no patch, 413 for too many operations, 422 without further words, as upstream, when
 * one is unknown, has nowhere to go, copies too much, or is a test that does not hold
 */
export function jsonPatch(target: JsonObject, patch: unknown): JsonObject {
  const operations = readOperations(patch);
  try {
    return applyAll(target, operations);
  } catch (error) {
    if (error instanceof JsonPatchError) throw rejected();
    throw error;
  }
}

function applyAll(target: JsonObject, operations: readonly Operation[]): JsonObject {
  let document: Json | undefined = structuredClone(target);
  let copiedBytes = 0;
  for (const [index, operation] of operations.entries()) {
    if (operation.op === 'copy') {
      const copied: unknown = fastJsonPatch.getValueByPointer(document, operation.from);
      copiedBytes += (JSON.stringify(copied) ?? '').length;
      if (copiedBytes > JSON_PATCH_LIMIT_COPIED_BYTES) throw rejected();
    }
    document = fastJsonPatch.applyOperation(
      document,
      operation,
      true,
      true,
      true,
      index,
    ).newDocument;
  }
  if (!isObject(document)) throw rejected();
  return document;
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
    if (isOperation(operation)) return operation;
    if (isObject(operation)) throw rejected();
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${jsonType(operation)} into Go value of type handlers.jsonPatchOp`,
    );
  });
}

function rejected(): ApiError {
  return new ApiError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}

const OPERATIONS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const WITH_SOURCE: readonly unknown[] = ['move', 'copy'];

/** Paths that JavaScript takes for something else than a key; the library refuses them as a mistake of its caller. */
const NO_KEY = /\/(__proto__|constructor\/prototype)(\/|$)/;

function isOperation(value: unknown): value is Operation {
  return (
    isObject(value) &&
    OPERATIONS.includes(value['op']) &&
    isPath(value['path']) &&
    (!WITH_SOURCE.includes(value['op']) || isPath(value['from']))
  );
}

function isPath(value: Json | undefined): boolean {
  return typeof value === 'string' && !NO_KEY.test(value);
}

function jsonType(value: unknown): string {
  if (isList(value)) return 'array';
  if (isObject(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
