/** What upstream demands of autoscalers and disruption budgets. */
import { isUnset, numberAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { JsonObject } from '../object.ts';
import { invalid, required } from './field-errors.ts';
import { expressionErrors } from './label-selectors.ts';
import { amountErrors } from './numbers.ts';

export function validateAutoscaler(autoscaler: JsonObject): readonly FieldError[] {
  const spec = objectAt(autoscaler, 'spec');
  const min = numberAt(spec, 'minReplicas') ?? 1;
  const max = numberAt(spec, 'maxReplicas') ?? 0;
  const target = objectAt(spec, 'scaleTargetRef');
  return [
    ...(min < 1 ? [invalid('spec.minReplicas', min, 'must be greater than or equal to 1')] : []),
    ...(max < 1 ? [invalid('spec.maxReplicas', max, 'must be greater than 0')] : []),
    ...(max < min
      ? [invalid('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...['kind', 'name']
      .filter((key) => stringAt(target, key) === '')
      .map((key) => required(`spec.scaleTargetRef.${key}`)),
  ];
}

export function validateDisruptionBudget(budget: JsonObject): readonly FieldError[] {
  const spec = objectAt(budget, 'spec');
  const { minAvailable, maxUnavailable } = spec;
  const both = !isUnset(minAvailable) && !isUnset(maxUnavailable);
  return [
    ...(both ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...amountErrors(minAvailable, 'spec.minAvailable'),
    ...amountErrors(maxUnavailable, 'spec.maxUnavailable'),
    ...expressionErrors(spec['selector'], 'spec.selector'),
  ];
}
