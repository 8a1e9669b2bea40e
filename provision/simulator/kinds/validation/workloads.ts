/** What upstream demands of apps/v1 and replication controllers (Kubernetes, pkg/apis/apps/validation). */
import {
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
import type { JsonObject } from '../object.ts';
import { asLabelSelector } from '../selectors/label-selector.ts';
import { matchesLabels, matchesSelector } from '../selectors/labels.ts';
import { forbidden, immutable, invalid, required } from './fields/field-errors.ts';
import { expressionErrors } from './fields/label-selectors.ts';
import { countErrors } from './fields/numbers.ts';
import { validateTemplate } from './pods/pod.ts';
import {
  daemonStrategyErrors,
  deploymentStrategyErrors,
  statefulStrategyErrors,
} from './update-strategies.ts';

export function validateDeployment(
  deployment: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(deployment, 'spec');
  const deadline = numberAt(spec, 'progressDeadlineSeconds');
  const isShort = deadline !== undefined && deadline <= (numberAt(spec, 'minReadySeconds') ?? 0);
  return [
    ...replicaErrors(spec),
    ...selectorErrors(spec, 'empty selector is invalid for deployment'),
    ...templateErrors(spec, 'ReplicaSet'),
    ...deploymentStrategyErrors(objectAt(spec, 'strategy'), 'spec.strategy'),
    ...countErrors(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
    ...(isShort
      ? [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
      : []),
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
    ...templateErrors(spec, 'ReplicaSet'),
    ...selectorChange(spec, old),
  ];
}

export function validateReplicationController(controller: JsonObject): readonly FieldError[] {
  const spec = objectAt(controller, 'spec');
  const selector = stringMapAt(spec, 'selector');
  const labels = stringMapAt(spec, 'template', 'metadata', 'labels');
  const hasTemplate = isObject(spec['template']);
  const isEmpty = Object.keys(selector).length === 0;
  return [
    ...countErrors(spec, ['minReadySeconds']),
    ...(isEmpty ? [required('spec.selector')] : []),
    ...replicaErrors(spec),
    ...(hasTemplate ? [] : [required('spec.template')]),
    ...(hasTemplate && !isEmpty && !matchesLabels(selector, labels) ? [mismatch(labels)] : []),
    ...(hasTemplate ? validateTemplate(spec['template'], 'spec.template', ['Always']) : []),
  ];
}

export function validateDaemonSet(
  daemonSet: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(daemonSet, 'spec');
  const labels = stringMapAt(spec, 'template', 'metadata', 'labels');
  const fits = matchesSelector(asLabelSelector(spec['selector']), labels);
  return [
    ...(isObject(spec['selector'])
      ? expressionErrors(spec['selector'], 'spec.selector')
      : [required('spec.selector')]),
    ...(fits ? [] : [mismatch(labels)]),
    ...emptySelectorErrors(spec, 'empty selector is invalid for daemonset'),
    ...validateTemplate(spec['template'], 'spec.template', ['Always']),
    ...templateDeadlineErrors(spec, 'DaemonSet'),
    ...countErrors(spec, ['minReadySeconds']),
    ...daemonStrategyErrors(objectAt(spec, 'updateStrategy'), 'spec.updateStrategy'),
    ...countErrors(spec, ['revisionHistoryLimit']),
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
  const management = stringAt(spec, 'podManagementPolicy');
  return [
    ...(MANAGEMENT.includes(management)
      ? []
      : [invalid('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'")]),
    ...statefulStrategyErrors(objectAt(spec, 'updateStrategy'), 'spec.updateStrategy'),
    ...replicaErrors(spec),
    ...countErrors(spec, ['minReadySeconds']),
    ...selectorErrors(spec, 'empty selector is invalid for statefulset'),
    ...templateErrors(withClaimVolumes(spec), 'StatefulSet'),
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

/** The spec with the volumes that its pods get from claims. */
function withClaimVolumes(spec: JsonObject): JsonObject {
  const claims = listAt(spec, 'volumeClaimTemplates').map((claim) => ({
    name: stringAt(claim, 'metadata', 'name'),
    emptyDir: {},
  }));
  if (claims.length === 0) return spec;
  const template = objectAt(spec, 'template');
  const podSpec = objectAt(template, 'spec');
  const names = new Set(claims.map(({ name }) => name));
  const others = listAt(podSpec, 'volumes').filter((one) => !names.has(stringAt(one, 'name')));
  const volumes = [...others, ...claims];
  return { ...spec, template: { ...template, spec: { ...podSpec, volumes } } };
}

const MANAGEMENT = ['OrderedReady', 'Parallel'];

function frozenPart(spec: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(spec).filter(([key]) => !STATEFUL_CHANGEABLE.includes(key)),
  );
}

function replicaErrors(spec: JsonObject): readonly FieldError[] {
  return countErrors(spec, ['replicas']);
}

function selectorErrors(spec: JsonObject, emptyText: string): readonly FieldError[] {
  const { selector } = spec;
  if (!isObject(selector)) return [required('spec.selector')];
  return [...expressionErrors(selector, 'spec.selector'), ...emptySelectorErrors(spec, emptyText)];
}

function emptySelectorErrors({ selector }: JsonObject, text: string): readonly FieldError[] {
  const isEmpty =
    isObject(selector) &&
    Object.keys(objectAt(selector, 'matchLabels')).length === 0 &&
    listAt(selector, 'matchExpressions').length === 0;
  return isEmpty ? [invalid('spec.selector', selector, text)] : [];
}

/** The template of a workload; `owner` is what upstream calls the workload in its words about deadlines. */
function templateErrors(spec: JsonObject, owner: string): readonly FieldError[] {
  const labels = stringMapAt(spec, 'template', 'metadata', 'labels');
  const fits = matchesSelector(asLabelSelector(spec['selector']), labels);
  return [
    ...(fits ? [] : [mismatch(labels)]),
    ...validateTemplate(spec['template'], 'spec.template', ['Always']),
    ...templateDeadlineErrors(spec, owner),
  ];
}

function mismatch(labels: JsonObject): FieldError {
  const field = 'spec.template.metadata.labels';
  const shown = Object.keys(labels).length === 0 ? null : labels;
  return invalid(field, shown, '`selector` does not match template `labels`');
}

function templateDeadlineErrors(spec: JsonObject, owner: string): readonly FieldError[] {
  const deadline = objectAt(spec, 'template', 'spec')['activeDeadlineSeconds'];
  return isUnset(deadline)
    ? []
    : [
        forbidden(
          'spec.template.spec.activeDeadlineSeconds',
          `activeDeadlineSeconds in ${owner} is not Supported`,
        ),
      ];
}

function selectorChange(spec: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  if (!old) return [];
  const hasChanged = !isSame(spec['selector'], objectAt(old, 'spec')['selector']);
  return immutable('spec.selector', spec['selector'], hasChanged);
}
