import { isObject } from '../../kinds/json.ts';
import type { Json, JsonObject } from '../../kinds/object.ts';

/** The objects in a list; none for what is no list. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The container's name; empty for one that has none yet. */
export function nameOf(container: JsonObject | undefined): string {
  const name = container?.['name'];
  return typeof name === 'string' ? name : '';
}
