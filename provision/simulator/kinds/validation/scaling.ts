/** What upstream demands of autoscalers and disruption budgets. */
import { asText, isObject, isUnset, listAt, numberAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden, invalid, notSupported, required } from './fields/field-errors.ts';
import { expressionErrors } from './fields/label-selectors.ts';
import { amountErrors, shareErrors } from './fields/numbers.ts';

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
    ...listAt(spec, 'metrics').flatMap((metric, i) => metricErrors(metric, `spec.metrics[${i}]`)),
  ];
}

/** The field that tells about a metric of each type. */
const METRIC_FIELDS: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function metricErrors(metric: Json, field: string): readonly FieldError[] {
  const type = stringAt(metric, 'type');
  if (type === '') return [required(`${field}.type`, 'must specify a metric source type')];
  const key = METRIC_FIELDS[type];
  if (key === undefined) {
    return [notSupported(`${field}.type`, type, Object.keys(METRIC_FIELDS))];
  }
  if (!isObject(objectAt(metric)[key])) {
    return [required(`${field}.${key}`, 'must populate information for the given metric source')];
  }
  const isResource = key === 'resource' || key === 'containerResource';
  return isResource ? resourceMetricErrors(objectAt(metric, key), `${field}.${key}`) : [];
}

const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

function resourceMetricErrors(source: JsonObject, field: string): readonly FieldError[] {
  const { averageUtilization, averageValue, type } = objectAt(source, 'target');
  const at = `${field}.target`;
  const isTyped = typeof type === 'string' && type !== '';
  const isShareMissing = isUnset(averageUtilization) && isUnset(averageValue);
  const both = !isUnset(averageUtilization) && !isUnset(averageValue);
  return [
    ...(stringAt(source, 'name') === ''
      ? [required(`${field}.name`, 'must specify a resource name')]
      : []),
    ...(isTyped ? [] : [required(`${at}.type`, 'must specify a metric target type')]),
    ...(isTyped && !TARGET_TYPES.includes(type)
      ? [invalid(`${at}.type`, type, 'must be either Utilization, Value, or AverageValue')]
      : []),
    ...(typeof averageUtilization === 'number' && averageUtilization < 1
      ? [invalid(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0')]
      : []),
    ...(isShareMissing
      ? [
          required(
            `${at}.averageUtilization`,
            'must set either a target raw value or a target utilization',
          ),
        ]
      : []),
    ...(both
      ? [
          forbidden(
            `${at}.averageValue`,
            'may not set both a target raw value and a target utilization',
          ),
        ]
      : []),
  ];
}

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

export function validateDisruptionBudget(budget: JsonObject): readonly FieldError[] {
  const spec = objectAt(budget, 'spec');
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  const both = !isUnset(minAvailable) && !isUnset(maxUnavailable);
  // Upstream shows the spec in Go's names and order.
  const shown = {
    MinAvailable: minAvailable,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable,
    UnhealthyPodEvictionPolicy: policy ?? null,
  };
  return [
    ...(both ? [invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...['minAvailable', 'maxUnavailable'].flatMap((key) => [
      ...amountErrors(spec[key], `spec.${key}`),
      ...shareErrors(spec[key], `spec.${key}`),
    ]),
    ...expressionErrors(selector, 'spec.selector'),
    ...(isUnset(policy) || EVICTION_POLICIES.includes(asText(policy))
      ? []
      : [notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES)]),
  ];
}
