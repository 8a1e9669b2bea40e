/** What upstream demands of pods and pod templates (Kubernetes, pkg/apis/core/validation). */
import { isObject, isSame, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { validateContainers } from './containers.ts';
import { forbidden, invalid, invalids, notSupported, oneOf } from './field-errors.ts';
import { annotationErrors, labelErrors } from './metadata.ts';
import {
  labelNameProblems,
  labelValueProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from './names.ts';
import { countErrors } from './numbers.ts';
import { podSpecDifference } from './pod-difference.ts';
import { validateVolumes } from './volumes.ts';

/** A new pod or, with `old`, a change of one. */
export function validatePod(pod: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const errors = validatePodSpec(objectAt(pod, 'spec'), 'spec');
  return old ? [...errors, ...podChangeErrors(pod, old)] : errors;
}

/** The template of a workload; `restartPolicies` are those that the workload can live with. */
export function validateTemplate(
  template: Json | undefined,
  field: string,
  restartPolicies: readonly string[] = RESTART_POLICIES,
): readonly FieldError[] {
  const spec = objectAt(template, 'spec');
  const metadata = objectAt(template, 'metadata');
  const policy = stringAt(spec, 'restartPolicy');
  const isUnfit = RESTART_POLICIES.includes(policy) && !restartPolicies.includes(policy);
  return [
    ...labelErrors(metadata['labels'], `${field}.labels`),
    ...annotationErrors(metadata['annotations'], `${field}.annotations`),
    ...validatePodSpec(spec, `${field}.spec`),
    ...(isUnfit ? [notSupported(`${field}.spec.restartPolicy`, policy, restartPolicies)] : []),
  ];
}

const RESTART_POLICIES: readonly string[] = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

function validatePodSpec(spec: JsonObject, field: string): readonly FieldError[] {
  const volumes = validateVolumes(spec, `${field}.volumes`);
  const deadline = spec['activeDeadlineSeconds'];
  return [
    ...volumes.errors,
    ...validateContainers(spec, field, volumes.names),
    ...oneOf(`${field}.restartPolicy`, spec['restartPolicy'], RESTART_POLICIES),
    ...oneOf(`${field}.dnsPolicy`, spec['dnsPolicy'], DNS_POLICIES),
    ...labelErrors(spec['nodeSelector'], `${field}.nodeSelector`),
    ...named(spec, `${field}.serviceAccountName`, 'serviceAccountName', subdomainProblems),
    ...named(spec, `${field}.nodeName`, 'nodeName', subdomainProblems),
    ...named(spec, `${field}.hostname`, 'hostname', labelNameProblems),
    ...named(spec, `${field}.subdomain`, 'subdomain', labelNameProblems),
    ...(typeof deadline === 'number' && (deadline < 1 || deadline > 2_147_483_647)
      ? [
          invalid(
            `${field}.activeDeadlineSeconds`,
            deadline,
            'must be between 1 and 2147483647, inclusive',
          ),
        ]
      : []),
    ...countErrors(spec, ['terminationGracePeriodSeconds'], field),
    ...listAt(spec, 'tolerations').flatMap((toleration, i) =>
      tolerationErrors(toleration, `${field}.tolerations[${i}]`),
    ),
  ];
}

function named(
  holder: JsonObject,
  field: string,
  key: string,
  problems: (text: string) => readonly string[],
): readonly FieldError[] {
  const value = stringAt(holder, key);
  return value === '' ? [] : invalids(field, value, problems(value));
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function tolerationErrors(toleration: Json, field: string): readonly FieldError[] {
  const key = stringAt(toleration, 'key');
  const operator = stringAt(toleration, 'operator') || 'Equal';
  const value = stringAt(toleration, 'value');
  const effect = stringAt(toleration, 'effect');
  const errors: FieldError[] = [];
  if (key !== '') errors.push(...invalids(`${field}.key`, key, qualifiedNameProblems(key)));
  else if (operator !== 'Exists') {
    errors.push(
      invalid(
        `${field}.operator`,
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  }
  if (operator === 'Equal')
    errors.push(...invalids(`${field}.operator`, value, labelValueProblems(value)));
  else if (operator !== 'Exists')
    errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists']));
  else if (value !== '') {
    errors.push(
      invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'"),
    );
  }
  if (effect !== '' && !EFFECTS.includes(effect)) {
    errors.push(notSupported(`${field}.effect`, effect, EFFECTS));
  }
  return errors;
}

/** Fields of a running pod that may change, in upstream's words. */
const CHANGEABLE = [
  'spec.containers[*].image',
  'spec.initContainers[*].image',
  'spec.activeDeadlineSeconds',
  'spec.tolerations',
  'spec.terminationGracePeriodSeconds',
];
const CHANGEABLE_NOTES: Readonly<Record<string, string>> = {
  'spec.tolerations': ' (only additions to existing tolerations)',
  'spec.terminationGracePeriodSeconds': ' (allow it to be set to 1 if it was previously negative)',
};

function podChangeErrors(pod: JsonObject, old: JsonObject): readonly FieldError[] {
  const before = objectAt(old, 'spec');
  const after = objectAt(pod, 'spec');
  if (listAt(before, 'containers').length !== listAt(after, 'containers').length) {
    return [forbidden('spec.containers', 'pod updates may not add or remove containers')];
  }
  if (listAt(before, 'initContainers').length !== listAt(after, 'initContainers').length) {
    return [forbidden('spec.initContainers', 'pod updates may not add or remove containers')];
  }
  const frozenBefore = withoutChangeable(before);
  const frozenAfter = withoutChangeable(after);
  if (isSame(frozenBefore, frozenAfter)) return [];
  const fields = CHANGEABLE.map((field) => `\`${field}\`${CHANGEABLE_NOTES[field] ?? ''}`).join(
    ',',
  );
  return [
    forbidden(
      'spec',
      `pod updates may not change fields other than ${fields}\n${podSpecDifference(frozenBefore, frozenAfter)}`,
    ),
  ];
}

function withoutChangeable(spec: JsonObject): JsonObject {
  const {
    activeDeadlineSeconds: _deadline,
    tolerations: _tolerations,
    terminationGracePeriodSeconds: _grace,
    // Their own endpoints change these: binding and ephemeralcontainers.
    ephemeralContainers: _ephemeral,
    nodeName: _nodeName,
    ...rest
  } = spec;
  return {
    ...rest,
    containers: listAt(spec, 'containers').map(withoutImage),
    initContainers: listAt(spec, 'initContainers').map(withoutImage),
  };
}

function withoutImage(container: Json): Json {
  if (!isObject(container)) return container;
  const { image: _image, ...rest } = container;
  return rest;
}
