/** Makes the entries of an error list in upstream's words (apimachinery, util/validation/field). */
import { isList, isObject } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json } from '../../object.ts';

/** `Required value`, with a detail where upstream gives one. */
export function required(field: string, detail = ''): FieldError {
  return error('Required', field, `Required value${suffix(detail)}`);
}

/** `Invalid value: "x": must be …`. */
export function invalid(field: string, value: Json | undefined, detail: string): FieldError {
  return error('Invalid', field, `Invalid value: ${valueText(value)}${suffix(detail)}`);
}

/** `Invalid value: "string": spec.x in body must be of type integer: "string"`, as schemas of custom resources have it. */
export function typeInvalid(field: string, value: Json | undefined, detail: string): FieldError {
  return error('TypeInvalid', field, `Invalid value: ${valueText(value)}${suffix(detail)}`);
}

/** `Unsupported value: "x": supported values: "A", "B"`. */
export function notSupported(
  field: string,
  value: Json | undefined,
  supported: readonly string[],
): FieldError {
  const names = supported.map((name) => JSON.stringify(name));
  const detail = names.length > 0 ? `supported values: ${names.join(', ')}` : '';
  return error('NotSupported', field, `Unsupported value: ${valueText(value)}${suffix(detail)}`);
}

/** A value that must be there and be one of those supported. */
export function oneOf(
  field: string,
  value: Json | undefined,
  supported: readonly string[],
): readonly FieldError[] {
  if (value === undefined || value === '') return [required(field)];
  return typeof value === 'string' && supported.includes(value)
    ? []
    : [notSupported(field, value, supported)];
}

export function duplicate(field: string, value: Json | undefined): FieldError {
  return error('Duplicate', field, `Duplicate value: ${valueText(value)}`);
}

export function forbidden(field: string, detail: string): FieldError {
  return error('Forbidden', field, `Forbidden${suffix(detail)}`);
}

export function tooLong(field: string, limitBytes: number): FieldError {
  return error('TooLong', field, `Too long: may not be more than ${limitBytes} bytes`);
}

/** A reference to something that the same object does not have. */
export function notFound(field: string, value: Json | undefined): FieldError {
  return error('Invalid', field, `Not found: ${valueText(value)}`);
}

/** `Invalid value: …: field is immutable` when the value has changed. */
export function immutable(
  field: string,
  value: Json | undefined,
  hasChanged: boolean,
): readonly FieldError[] {
  return hasChanged ? [invalid(field, value, 'field is immutable')] : [];
}

/** One error for each text that a check gives. */
export function invalids(
  field: string,
  value: Json | undefined,
  details: readonly string[],
): readonly FieldError[] {
  return details.map((detail) => invalid(field, value, detail));
}

function error(type: FieldError['type'], field: string, message: string): FieldError {
  return { type, field, message };
}

function suffix(detail: string): string {
  return detail === '' ? '' : `: ${detail}`;
}

// Since 1.34 upstream writes values as Go's encoder of JSON does: maps by their keys, structures by their fields.
function valueText(value: Json | undefined): string {
  return JSON.stringify(inGoOrder(value ?? null));
}

const STRUCTURES = new Set(['matchLabels', 'matchExpressions']);

function inGoOrder(value: Json): Json {
  if (isList(value)) return value.map(inGoOrder);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, inGoOrder(one ?? null)] as const);
  const isStructure = entries.some(([key]) => STRUCTURES.has(key) || /^[A-Z]/.test(key));
  const ordered = isStructure
    ? entries
    : entries.toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(ordered);
}
