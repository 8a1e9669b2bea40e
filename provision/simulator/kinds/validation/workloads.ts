import { percentOf } from '../int-or-string.ts';
/** What upstream demands of workloads (Kubernetes, pkg/apis/{apps,batch,autoscaling,policy}/validation). */
import {
  asText,
  isObject,
  isSame,
  isUnset,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringMapAt,
} from '../json.ts';
import type { FieldError } from '../kind.ts';
import { matchesLabels, matchesSelector } from '../labels.ts';
import type { Json, JsonObject } from '../object.ts';
import { asLabelSelector } from '../selectors.ts';
import { forbidden, immutable, invalid, invalids, notSupported, required } from './field-errors.ts';
import { labelErrors } from './metadata.ts';
import { labelValueProblems, qualifiedNameProblems } from './names.ts';
import { NOT_NEGATIVE, validateTemplate } from './pod.ts';

export function validateDeployment(
  deployment: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(deployment, 'spec');
  return [
    ...replicaErrors(spec),
    ...selectorErrors(spec, 'empty selector is invalid for deployment'),
    ...templateErrors(spec),
    ...strategyErrors(objectAt(spec, 'strategy'), 'spec.strategy', DEPLOYMENT_STRATEGIES),
    ...countErrors(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
    ...selectorChange(spec, old),
  ];
}

export function validateReplicaSet(
  replicaSet: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(replicaSet, 'spec');
  return [
    ...replicaErrors(spec),
    ...countErrors(spec, ['minReadySeconds']),
    ...selectorErrors(spec, 'empty selector is invalid for deployment'),
    ...templateErrors(spec),
    ...selectorChange(spec, old),
  ];
}

export function validateReplicationController(controller: JsonObject): readonly FieldError[] {
  const spec = objectAt(controller, 'spec');
  const selector = stringMapAt(spec, 'selector');
  const labels = stringMapAt(spec, 'template', 'metadata', 'labels');
  return [
    ...(Object.keys(selector).length === 0 ? [required('spec.selector')] : []),
    ...replicaErrors(spec),
    ...(isObject(spec['template']) ? [] : [required('spec.template')]),
    ...(isObject(spec['template']) && !matchesLabels(selector, labels)
      ? [
          invalid(
            'spec.template.metadata.labels',
            labels,
            '`selector` does not match template `labels`',
          ),
        ]
      : []),
    ...validateTemplate(spec['template'], 'spec.template', ['Always']),
  ];
}

export function validateDaemonSet(
  daemonSet: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(daemonSet, 'spec');
  return [
    ...selectorErrors(spec, 'empty selector is invalid for daemonset'),
    ...templateErrors(spec),
    ...strategyErrors(objectAt(spec, 'updateStrategy'), 'spec.updateStrategy', UPDATE_STRATEGIES),
    ...countErrors(spec, ['minReadySeconds', 'revisionHistoryLimit']),
    ...selectorChange(spec, old),
  ];
}

/** Fields of a StatefulSet's spec that may change. */
const STATEFUL_CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function validateStatefulSet(
  statefulSet: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(statefulSet, 'spec');
  const before = objectAt(old, 'spec');
  return [
    ...strategyErrors(objectAt(spec, 'updateStrategy'), 'spec.updateStrategy', UPDATE_STRATEGIES),
    ...replicaErrors(spec),
    ...selectorErrors(spec, 'empty selector is invalid for statefulset'),
    ...templateErrors(spec),
    ...(old && !isSame(frozenPart(spec), frozenPart(before))
      ? [
          forbidden(
            'spec',
            "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
          ),
        ]
      : []),
  ];
}

function frozenPart(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(([key]) => !STATEFUL_CHANGEABLE.includes(key)),
  );
}

export function validateJob(job: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const spec = objectAt(job, 'spec');
  const before = objectAt(old, 'spec');
  const changed = (key: string) =>
    immutable(`spec.${key}`, spec[key], !isSame(spec[key], before[key]));
  return [
    ...jobSpecErrors(spec, 'spec'),
    ...(old ? ['completions', 'selector', 'template', 'completionMode'].flatMap(changed) : []),
  ];
}

/** A job's name and what its controller appends must fit in 63 characters. */
const CRON_JOB_NAME_LIMIT = 52;

export function validateCronJob(cronJob: JsonObject): readonly FieldError[] {
  const spec = objectAt(cronJob, 'spec');
  const name = stringAt(cronJob, 'metadata', 'name');
  const policy = stringAt(spec, 'concurrencyPolicy');
  return [
    ...(name.length > CRON_JOB_NAME_LIMIT
      ? [invalid('metadata.name', name, 'must be no more than 52 characters')]
      : []),
    ...scheduleErrors(stringAt(spec, 'schedule')),
    ...(CONCURRENCY.includes(policy)
      ? []
      : [notSupported('spec.concurrencyPolicy', policy, CONCURRENCY)]),
    ...countErrors(spec, [
      'startingDeadlineSeconds',
      'successfulJobsHistoryLimit',
      'failedJobsHistoryLimit',
    ]),
    ...jobSpecErrors(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec'),
  ];
}

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

/** What is wrong with a LabelSelector itself. */
export function expressionErrors(selector: Json | undefined, field: string): readonly FieldError[] {
  return [
    ...labelErrors(objectAt(selector)['matchLabels'], `${field}.matchLabels`),
    ...listAt(selector, 'matchExpressions').flatMap((expression, i) =>
      oneExpressionErrors(expression, `${field}.matchExpressions[${i}]`),
    ),
  ];
}

const DEPLOYMENT_STRATEGIES = ['Recreate', 'RollingUpdate'];
const UPDATE_STRATEGIES = ['OnDelete', 'RollingUpdate'];
const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];

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

function replicaErrors(spec: JsonObject): readonly FieldError[] {
  return countErrors(spec, ['replicas']);
}

function countErrors(spec: JsonObject, keys: readonly string[]): readonly FieldError[] {
  return keys.flatMap((key) => {
    const value = numberAt(spec, key) ?? 0;
    return value < 0 ? [invalid(`spec.${key}`, value, NOT_NEGATIVE)] : [];
  });
}

function selectorErrors(spec: JsonObject, emptyText: string): readonly FieldError[] {
  const { selector } = spec;
  if (!isObject(selector)) return [required('spec.selector')];
  const isEmpty =
    Object.keys(objectAt(selector, 'matchLabels')).length === 0 &&
    listAt(selector, 'matchExpressions').length === 0;
  return [
    ...expressionErrors(selector, 'spec.selector'),
    ...(isEmpty ? [invalid('spec.selector', selector, emptyText)] : []),
  ];
}

function templateErrors(spec: JsonObject): readonly FieldError[] {
  const labels = stringMapAt(spec, 'template', 'metadata', 'labels');
  const fits = matchesSelector(asLabelSelector(spec['selector']), labels);
  return [
    ...(fits
      ? []
      : [
          invalid(
            'spec.template.metadata.labels',
            labels,
            '`selector` does not match template `labels`',
          ),
        ]),
    ...validateTemplate(spec['template'], 'spec.template', ['Always']),
  ];
}

function selectorChange(spec: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  if (!old) return [];
  const hasChanged = !isSame(spec['selector'], objectAt(old, 'spec')['selector']);
  return immutable('spec.selector', spec['selector'], hasChanged);
}

function strategyErrors(
  strategy: JsonObject,
  field: string,
  supported: readonly string[],
): readonly FieldError[] {
  const type = stringAt(strategy, 'type');
  const rolling = objectAt(strategy, 'rollingUpdate');
  if (!supported.includes(type)) return [notSupported(`${field}.type`, type, supported)];
  if (type === 'Recreate' && !isUnset(strategy['rollingUpdate'])) {
    return [
      forbidden(
        `${field}.rollingUpdate`,
        "may not be specified when strategy `type` is 'Recreate'",
      ),
    ];
  }
  const { maxUnavailable, maxSurge } = rolling;
  const areBothZero = isZero(maxUnavailable) && isZero(maxSurge);
  return [
    ...amountErrors(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...amountErrors(maxSurge, `${field}.rollingUpdate.maxSurge`),
    ...(areBothZero
      ? [
          invalid(
            `${field}.rollingUpdate.maxUnavailable`,
            maxUnavailable,
            'may not be 0 when `maxSurge` is 0',
          ),
        ]
      : []),
  ];
}

function isZero(value: Json | undefined): boolean {
  return value === 0 || value === '0%';
}

function amountErrors(value: Json | undefined, field: string): readonly FieldError[] {
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
  return percent > 100 && field.endsWith('maxUnavailable')
    ? [invalid(field, value, 'must not be greater than 100%')]
    : [];
}

function jobSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const negative = [
    'parallelism',
    'completions',
    'backoffLimit',
    'activeDeadlineSeconds',
    'ttlSecondsAfterFinished',
  ]
    .filter((key) => (numberAt(spec, key) ?? 0) < 0)
    .map((key) => invalid(`${field}.${key}`, numberAt(spec, key), NOT_NEGATIVE));
  const policy = stringAt(spec, 'template', 'spec', 'restartPolicy');
  const isEndless = policy === 'Always';
  return [
    ...negative,
    ...validateTemplate(spec['template'], `${field}.template`),
    ...(isEndless
      ? [required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]
      : []),
  ];
}

function scheduleErrors(schedule: string): readonly FieldError[] {
  if (schedule === '') return [required('spec.schedule')];
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/.test(schedule))
    return [];
  if (schedule.startsWith('@')) {
    return [invalid('spec.schedule', schedule, `unrecognized descriptor: ${schedule}`)];
  }
  const fields = schedule.split(/\s+/).filter((part) => part !== '');
  return fields.length === 5
    ? []
    : [
        invalid(
          'spec.schedule',
          schedule,
          `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`,
        ),
      ];
}
