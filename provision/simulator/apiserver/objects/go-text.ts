/** JSON values as Go prints them, which is how upstream quotes them in its messages. */
import type { Json } from '../../kinds/object.ts';
import { isList, isObject } from './json.ts';

/** As `%+v` prints it: `map[a:1 b:[x y]]`. */
export function goText(value: unknown): string {
  if (isList(value)) return `[${value.map((item: Json) => goText(item)).join(' ')}]`;
  if (isObject(value)) {
    const fields = Object.keys(value).toSorted();
    return `map[${fields.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`;
  }
  if (value === null || value === undefined) return '<nil>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As `%#v` prints it: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: Json): string {
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value).toSorted();
  const pairs = fields.map((key) => `${JSON.stringify(key)}:${goSyntax(value[key] ?? null)}`);
  return `map[string]interface {}{${pairs.join(', ')}}`;
}

/** As `%T` prints it: `map[string]interface {}`, `int64`. */
export function goType(value: Json): string {
  if (isList(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
