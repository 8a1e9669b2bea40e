/** Reads a LabelSelector out of JSON. */
import { isObject, listAt, stringAt, stringMapAt, stringsAt } from '../json.ts';
import type { Json } from '../object.ts';
import type { LabelSelector } from '../types/apps.ts';

/** The LabelSelector that `value` holds, ignoring what does not belong into one; undefined when it is no object. */
export function asLabelSelector(value: Json | undefined): LabelSelector | undefined {
  if (!isObject(value)) return undefined;
  return {
    matchLabels: stringMapAt(value, 'matchLabels'),
    matchExpressions: listAt(value, 'matchExpressions').flatMap((expression) => {
      const operator = OPERATORS.find((one) => one === stringAt(expression, 'operator'));
      const values = stringsAt(expression, 'values');
      return operator ? [{ key: stringAt(expression, 'key'), operator, values }] : [];
    }),
  };
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
