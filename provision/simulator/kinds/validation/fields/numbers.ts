import { numberAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
/** Numbers that may not be negative, and amounts that may be percentages. */
import { percentOf } from '../../values/int-or-string.ts';
import { invalid } from './field-errors.ts';

/** Upstream's text for negative numbers. */
export const NOT_NEGATIVE = 'must be greater than or equal to 0';

/** One error for each of the `keys` of a spec that is negative. */
export function countErrors(
  spec: JsonObject,
  keys: readonly string[],
  field = 'spec',
): readonly FieldError[] {
  return keys.flatMap((key) => {
    const value = numberAt(spec, key) ?? 0;
    return value < 0 ? [invalid(`${field}.${key}`, value, NOT_NEGATIVE)] : [];
  });
}

/** A number of pods or a percentage of them: maxSurge, minAvailable. */
export function amountErrors(value: Json | undefined, field: string): readonly FieldError[] {
  if (typeof value === 'number') return value < 0 ? [invalid(field, value, NOT_NEGATIVE)] : [];
  if (typeof value !== 'string') return [];
  const percent = percentOf(value);
  if (percent === undefined) {
    return [
      invalid(
        field,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ];
  }
  return [];
}

/** A share of pods that may not be more than all of them. */
export function shareErrors(value: Json | undefined, field: string): readonly FieldError[] {
  const percent = typeof value === 'string' ? percentOf(value) : undefined;
  return percent !== undefined && percent > 100
    ? [invalid(field, value, 'must not be greater than 100%')]
    : [];
}
