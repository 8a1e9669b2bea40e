import { isList } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';

/** JSON as Python's `json.dumps` writes it: a space after each comma and colon, and ASCII only. */
export function pythonJson(value: Json): string {
  if (typeof value === 'string') return ascii(JSON.stringify(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(pythonJson).join(', ')}]`;
  const fields = Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [`${ascii(JSON.stringify(key))}: ${pythonJson(field)}`],
  );
  return `{${fields.join(', ')}}`;
}

function ascii(text: string): string {
  return text.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
