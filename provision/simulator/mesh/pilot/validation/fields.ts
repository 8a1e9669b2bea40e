/** Reading the fields of a spec as Go's structs hold them: what is missing is empty, zero or false. */
import { isObject, isUnset } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';

/** The entries of a map from texts to texts. */
export function textEntriesIn(value: Json | undefined): readonly (readonly [string, string])[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, text]) => [key, typeof text === 'string' ? text : '']);
}

/** The number of a field, or 0. */
export function numberIn(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** Whether a message or a wrapped value is there at all, be it empty. */
export function isSet(value: Json | undefined): boolean {
  return !isUnset(value);
}

/** Whether there is text, or a list or map with something in it. */
export function isFilled(value: Json | undefined): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  return isObject(value) && Object.keys(value).length > 0;
}

/** A number as Go's `%v` writes it. */
export function goNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 0.0001 && size < 1e21)) return String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}
