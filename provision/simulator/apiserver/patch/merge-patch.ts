import type { Json, JsonObject } from '../../kinds/object.ts';
import { isObject } from '../objects/json.ts';

/** Applies a JSON merge patch (RFC 7386): null takes away, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: JsonObject): JsonObject {
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value === undefined) continue;
    else result[key] = isObject(value) ? mergePatch(result[key], value) : value;
  }
  return result;
}
