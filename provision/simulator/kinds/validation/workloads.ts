/** What upstream demands of apps/v1 and replication controllers (Kubernetes, pkg/apis/apps/validation). */
import { isObject, isSame, isUnset, listAt, objectAt, stringAt, stringMapAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import { matchesLabels, matchesSelector } from '../labels.ts';
import type { Json, JsonObject } from '../object.ts';
import { asLabelSelector } from '../selectors.ts';
import { forbidden, immutable, invalid, notSupported, required } from './field-errors.ts';
import { expressionErrors } from './label-selectors.ts';
import { amountErrors, countErrors } from './numbers.ts';
import { validateTemplate } from './pod.ts';

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

const DEPLOYMENT_STRATEGIES = ['Recreate', 'RollingUpdate'];
const UPDATE_STRATEGIES = ['OnDelete', 'RollingUpdate'];

function replicaErrors(spec: JsonObject): readonly FieldError[] {
  return countErrors(spec, ['replicas']);
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
