/** oneOf, anyOf, allOf and not of a schema. */
import { isObject, listAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';

/** What a value has against one schema. */
type Check = (schema: Json, value: Json, path: string) => readonly FieldError[];

/** What a value has against the combined schemas of `raw`; `check` is the validator for one of them. */
export function combinationErrors(
  raw: JsonObject,
  value: Json,
  path: string,
  check: Check,
): readonly FieldError[] {
  const oneOf = listAt(raw, 'oneOf');
  const anyOf = listAt(raw, 'anyOf');
  const fits = (schema: Json) => check(schema, value, path).length === 0;
  const fitting = oneOf.filter(fits).length;
  const errors: FieldError[] = [];
  if (oneOf.length > 0 && fitting !== 1) {
    const found = fitting === 0 ? 'none valid' : `${fitting} valid alternatives`;
    errors.push(whole(`"${path}" must validate one and only one schema (oneOf). Found ${found}`));
  }
  if (anyOf.length > 0 && !anyOf.some(fits)) {
    errors.push(whole(`"${path}" must validate at least one schema (anyOf)`));
  }
  if (isObject(raw['not']) && fits(raw['not'])) {
    errors.push(whole(`"${path}" must not validate the schema (not)`));
  }
  return [...errors, ...listAt(raw, 'allOf').flatMap((schema) => check(schema, value, path))];
}

// Upstream does not know the field of such an error and says so.
function whole(text: string): FieldError {
  return { type: 'Invalid', field: '<nil>', message: `Invalid value: "": ${text}` };
}
