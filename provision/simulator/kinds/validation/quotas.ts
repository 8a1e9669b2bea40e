/** What upstream demands of quotas, limit ranges and priorities. */
import { asText, isSame, isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { compareQuantities, isQuantity } from '../values/quantity.ts';
import { duplicate, forbidden, invalid, invalids, notSupported } from './fields/field-errors.ts';
import { qualifiedNameProblems } from './fields/names.ts';
import { NOT_NEGATIVE } from './fields/numbers.ts';
import { isQuotaResource } from './pods/container-resources.ts';

const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
];

export function validateQuota(quota: JsonObject): readonly FieldError[] {
  return [
    ...Object.entries(objectAt(quota, 'spec', 'hard')).flatMap(([name, amount]) =>
      hardErrors(name, asText(amount), `spec.hard[${name}]`),
    ),
    ...listAt(quota, 'spec', 'scopes').flatMap((scope) =>
      SCOPES.includes(asText(scope)) ? [] : [invalid('spec.scopes', scope, 'unsupported scope')],
    ),
  ];
}

function hardErrors(name: string, amount: string, field: string): readonly FieldError[] {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return invalids(field, name, problems);
  return [
    ...(name.includes('/') || isQuotaResource(name)
      ? []
      : [invalid(field, name, 'must be a standard resource for quota')]),
    ...(isQuantity(amount) && amount.startsWith('-') ? [invalid(field, amount, NOT_NEGATIVE)] : []),
  ];
}

/** Pairs of amounts of which the first may not be above the second, with upstream's names for both. */
const ORDERED = [
  ['min', 'min', 'max', 'max'],
  ['defaultRequest', 'default request', 'max', 'max'],
  ['defaultRequest', 'default request', 'default', 'default limit'],
  ['min', 'min', 'default', 'default'],
  ['default', 'default', 'max', 'max'],
] as const;

export function validateLimitRange(range: JsonObject): readonly FieldError[] {
  const types = new Set<string>();
  return listAt(range, 'spec', 'limits').flatMap((item, i) => {
    const field = `spec.limits[${i}]`;
    const type = stringAt(item, 'type');
    const isTaken = types.has(type);
    types.add(type);
    return [
      ...(isTaken ? [duplicate(`${field}.type`, type)] : []),
      ...(type === 'Pod'
        ? ['default', 'defaultRequest']
            .filter((key) => Object.keys(objectAt(item, key)).length > 0)
            .map((key) => forbidden(`${field}.${key}`, "may not be specified when `type` is 'Pod'"))
        : []),
      ...orderErrors(item, field),
    ];
  });
}

function orderErrors(item: Json, field: string): readonly FieldError[] {
  const names = new Set(
    ['max', 'min', 'default', 'defaultRequest'].flatMap((key) => Object.keys(objectAt(item, key))),
  );
  return [...names].flatMap((name) => [
    ...ORDERED.flatMap(([lowKey, lowName, highKey, highName]) => {
      const low = objectAt(item, lowKey)[name];
      const high = objectAt(item, highKey)[name];
      return isAbove(low, high)
        ? [
            invalid(
              `${field}.${lowKey}[${name}]`,
              low,
              `${lowName} value ${asText(low)} is greater than ${highName} value ${asText(high)}`,
            ),
          ]
        : [];
    }),
    ...belowMinimum(item, name, field),
  ]);
}

// Upstream names the request, not the minimum that it is below.
function belowMinimum(item: Json, name: string, field: string): readonly FieldError[] {
  const min = objectAt(item, 'min')[name];
  const request = objectAt(item, 'defaultRequest')[name];
  return isAbove(min, request)
    ? [
        invalid(
          `${field}.defaultRequest[${name}]`,
          request,
          `min value ${asText(min)} is greater than default request value ${asText(request)}`,
        ),
      ]
    : [];
}

function isAbove(low: Json | undefined, high: Json | undefined): boolean {
  const texts = [low, high].map(asText);
  const [first = '', second = ''] = texts;
  return texts.every((text) => isQuantity(text)) && compareQuantities(first, second) > 0;
}

const HIGHEST_PRIORITY = 1_000_000_000;
const PREEMPTION = ['Never', 'PreemptLowerPriority'];

const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

function highErrors(value: Json | undefined): readonly FieldError[] {
  const why = `maximum allowed value of a user defined priority is ${HIGHEST_PRIORITY}`;
  return typeof value === 'number' && value > HIGHEST_PRIORITY ? [forbidden('value', why)] : [];
}

function systemClassErrors(name: string, value: Json | undefined): readonly FieldError[] {
  const known = SYSTEM_PRIORITIES[name];
  if (known !== undefined && known === value) return [];
  const error =
    known === undefined
      ? `${name} is not a known system priority class`
      : `value of ${name} PriorityClass must be ${known}`;
  const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${error}`;
  return [forbidden('metadata.name', why)];
}

export function validatePriorityClass(
  priorityClass: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const { value, preemptionPolicy } = priorityClass;
  const name = stringAt(priorityClass, 'metadata', 'name');
  return [
    ...(name.startsWith('system-') ? systemClassErrors(name, value) : highErrors(value)),
    ...(isUnset(preemptionPolicy) || PREEMPTION.includes(asText(preemptionPolicy))
      ? []
      : [notSupported('preemptionPolicy', preemptionPolicy, PREEMPTION)]),
    ...(old && !isSame(value ?? 0, old['value'] ?? 0)
      ? [forbidden('value', 'may not be changed in an update.')]
      : []),
    ...(old && !isSame(preemptionPolicy, old['preemptionPolicy'])
      ? [invalid('preemptionPolicy', preemptionPolicy, 'field is immutable')]
      : []),
  ];
}
