import fastJsonPatch, { JsonPatchError, type Operation } from 'fast-json-patch';

import { ApiError } from '../../client/api-error.ts';
import type { JsonObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';
import { JSON_PATCH_LIMIT_OPERATIONS } from '../limits.ts';
import { isList, isObject, stringAt } from '../objects/json.ts';

/**
 * Applies a JSON patch (RFC 6902).
 * @throws ApiError 400 for what is no patch, 422 when an operation has nowhere to go or a test does not hold
 */
export function jsonPatch(target: JsonObject, patch: unknown): JsonObject {
  const operations = readOperations(patch);
  try {
    const result: unknown = fastJsonPatch.applyPatch(
      structuredClone(target),
      operations,
      true,
    ).newDocument;
    if (!isObject(result)) throw badRequest('the patch leaves no object');
    return result;
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw new ApiError(
      422,
      'Invalid',
      `the server rejected our request due to an error in our request`,
      { causes: [{ message: firstLine(error.message) }] },
    );
  }
}

function readOperations(patch: unknown): Operation[] {
  if (!isList(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
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
    throw badRequest(`error decoding patch: ${JSON.stringify(operation)} is no operation`);
  });
}

const OPERATIONS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const WITH_SOURCE: readonly unknown[] = ['move', 'copy'];

function isOperation(value: unknown): value is Operation {
  return (
    isObject(value) &&
    OPERATIONS.includes(value['op']) &&
    stringAt(value, 'path') !== undefined &&
    (!WITH_SOURCE.includes(value['op']) || stringAt(value, 'from') !== undefined)
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
