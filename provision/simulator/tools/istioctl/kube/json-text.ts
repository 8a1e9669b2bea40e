import { isObject } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';

/** The object that a text holds as JSON; undefined when it holds anything else. */
export function objectIn(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
