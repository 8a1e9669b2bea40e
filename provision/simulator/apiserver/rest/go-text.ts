import type { Json } from '../../kinds/object.ts';
import { isList, isObject } from '../objects/json.ts';

/** A JSON value as Go's `%+v` prints it, which is how upstream quotes patches in its messages: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (isList(value)) return `[${value.map((item: Json) => goText(item)).join(' ')}]`;
  if (isObject(value)) {
    const fields = Object.keys(value).toSorted();
    return `map[${fields.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`;
  }
  if (value === null || value === undefined) return '<nil>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
