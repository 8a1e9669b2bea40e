/** What is wrong with selectors of labels (apimachinery, apis/meta/v1/validation). */
import { asText, listAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json } from '../../object.ts';
import { forbidden, invalid, invalids, required } from './field-errors.ts';
import { labelErrors } from './metadata.ts';
import { labelValueProblems, qualifiedNameProblems } from './names.ts';

/** What is wrong with a LabelSelector itself. */
export function expressionErrors(selector: Json | undefined, field: string): readonly FieldError[] {
  return [
    ...labelErrors(objectAt(selector)['matchLabels'], `${field}.matchLabels`),
    ...listAt(selector, 'matchExpressions').flatMap((expression, i) =>
      oneExpressionErrors(expression, `${field}.matchExpressions[${i}]`),
    ),
  ];
}

function oneExpressionErrors(expression: Json, field: string): readonly FieldError[] {
  const operator = stringAt(expression, 'operator');
  const values = listAt(expression, 'values');
  const key = stringAt(expression, 'key');
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(
        required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"),
      );
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errors.push(
        forbidden(
          `${field}.values`,
          "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
      );
    }
  } else {
    errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'));
  }
  return [
    ...errors,
    ...invalids(`${field}.key`, key, qualifiedNameProblems(key)),
    ...values.flatMap((value, i) =>
      invalids(`${field}.values[${i}]`, value, labelValueProblems(asText(value))),
    ),
  ];
}
