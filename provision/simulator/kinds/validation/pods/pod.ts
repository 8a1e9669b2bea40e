/** What upstream demands of pods and pod templates (Kubernetes, pkg/apis/core/validation). */
import {
  asText,
  isObject,
  isSame,
  isUnset,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import { ipErrors } from '../fields/addresses.ts';
import {
  forbidden,
  invalid,
  invalids,
  notSupported,
  oneOf,
  required,
} from '../fields/field-errors.ts';
import { annotationErrors, labelErrors } from '../fields/metadata.ts';
import { labelNameProblems, subdomainProblems } from '../fields/names.ts';
import { identityErrors, resourceErrors } from './container-resources.ts';
import { validateContainers } from './containers.ts';
import { affinityErrors, spreadErrors, tolerationErrors } from './placement.ts';
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
  const spreads = listAt(spec, 'topologySpreadConstraints');
  return [
    ...(isObject(spec['resources'])
      ? resourceErrors(objectAt(spec, 'resources'), `${field}.resources`)
      : []),
    ...volumes.errors,
    ...validateContainers(spec, field, volumes.names),
    ...oneOf(`${field}.restartPolicy`, spec['restartPolicy'], RESTART_POLICIES),
    ...oneOf(`${field}.dnsPolicy`, spec['dnsPolicy'], DNS_POLICIES),
    ...labelErrors(spec['nodeSelector'], `${field}.nodeSelector`),
    ...securityErrors(spec, field),
    ...affinityErrors(objectAt(spec, 'affinity'), `${field}.affinity`),
    ...dnsConfigErrors(spec, `${field}.dnsConfig`),
    ...spreads.flatMap((one, i) =>
      spreadErrors(one, `${field}.topologySpreadConstraints[${i}]`, spreads.slice(0, i)),
    ),
    ...named(spec, `${field}.serviceAccountName`, 'serviceAccountName', subdomainProblems),
    ...named(spec, `${field}.nodeName`, 'nodeName', subdomainProblems),
    ...deadlineErrors(spec['activeDeadlineSeconds'], `${field}.activeDeadlineSeconds`),
    ...named(spec, `${field}.hostname`, 'hostname', labelNameProblems),
    ...named(spec, `${field}.subdomain`, 'subdomain', labelNameProblems),
    ...listAt(spec, 'tolerations').flatMap((toleration, i) =>
      tolerationErrors(toleration, `${field}.tolerations[${i}]`),
    ),
    ...listAt(spec, 'hostAliases').flatMap((alias, i) =>
      hostAliasErrors(alias, `${field}.hostAliases[${i}]`),
    ),
    ...named(spec, `${field}.priorityClassName`, 'priorityClassName', subdomainProblems),
    ...named(spec, `${field}.runtimeClassName`, 'runtimeClassName', subdomainProblems),
  ];
}

function deadlineErrors(deadline: Json | undefined, field: string): readonly FieldError[] {
  return typeof deadline === 'number' && (deadline < 1 || deadline > MAX_INT32)
    ? [invalid(field, deadline, `must be between 1 and ${MAX_INT32}, inclusive`)]
    : [];
}

const MAX_INT32 = 2_147_483_647;

/** Identities of the pod, and ports of containers that are on the host's network. */
function securityErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const context = objectAt(spec, 'securityContext');
  const ids = ['fsGroup', 'runAsUser', 'runAsGroup'];
  const ports = (['containers', 'initContainers'] as const).flatMap((key) =>
    listAt(spec, key).flatMap((container, i) =>
      listAt(container, 'ports').flatMap((port, j) => {
        const { containerPort, hostPort } = objectAt(port);
        const isFitting = isUnset(hostPort) || hostPort === 0 || hostPort === containerPort;
        const at = `${field}.${key}[${i}].ports[${j}].containerPort`;
        return isFitting
          ? []
          : [invalid(at, containerPort, 'must match `hostPort` when `hostNetwork` is true')];
      }),
    ),
  );
  return [
    ...(spec['hostNetwork'] === true ? ports : []),
    ...identityErrors(context, `${field}.securityContext`, ids),
  ];
}

function dnsConfigErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const nameservers = listAt(spec, 'dnsConfig', 'nameservers');
  if (spec['dnsPolicy'] === 'None' && nameservers.length === 0) {
    const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    return isObject(spec['dnsConfig'])
      ? [required(`${field}.nameservers`, detail)]
      : [required(field, detail)];
  }
  return nameservers.flatMap((address, i) => ipErrors(address, `${field}.nameservers[${i}]`));
}

function hostAliasErrors(alias: Json, field: string): readonly FieldError[] {
  return [
    ...ipErrors(stringAt(alias, 'ip'), `${field}.ip`),
    ...listAt(alias, 'hostnames').flatMap((name, i) =>
      invalids(`${field}.hostnames[${i}]`, name, subdomainProblems(asText(name))),
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
  const images = changedPartErrors(before, after);
  if (images.length > 0) return images;
  const gates = gateErrors(before, after);
  if (gates.length > 0) return gates;
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

/** Gates are only ever taken away (Kubernetes documentation, "Pod Scheduling Readiness"). */
function gateErrors(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const known = listAt(before, 'schedulingGates').map((gate) => stringAt(gate, 'name'));
  return listAt(after, 'schedulingGates')
    .map((gate) => stringAt(gate, 'name'))
    .filter((name) => !known.includes(name))
    .map((name) =>
      forbidden(
        'spec.schedulingGates',
        `only deletion is allowed, but found new scheduling gate '${name}'`,
      ),
    );
}

/** What may change in one direction only: tolerations are added, the deadline comes nearer. */
function changedPartErrors(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const kept = listAt(after, 'tolerations').map(withoutSeconds);
  const isLost = listAt(before, 'tolerations').some(
    (old) => !kept.some((one) => isSame(one, withoutSeconds(old))),
  );
  const deadline = numberAt(before, 'activeDeadlineSeconds');
  const newDeadline = numberAt(after, 'activeDeadlineSeconds');
  const isLater = deadline !== undefined && (newDeadline ?? Infinity) > deadline;
  return [
    ...(isLater
      ? [
          invalid(
            'spec.activeDeadlineSeconds',
            newDeadline ?? null,
            newDeadline === undefined
              ? 'must not update from a positive integer to nil value'
              : 'must be less than or equal to previous value',
          ),
        ]
      : []),
    ...(isLost
      ? [
          forbidden(
            'spec.tolerations',
            'existing toleration can not be modified except its tolerationSeconds',
          ),
        ]
      : []),
  ];
}

function withoutSeconds(toleration: Json): Json {
  const { tolerationSeconds: _seconds, ...rest } = objectAt(toleration);
  return rest;
}

function withoutChangeable(spec: JsonObject): JsonObject {
  const {
    activeDeadlineSeconds: _deadline,
    tolerations: _tolerations,
    terminationGracePeriodSeconds: _grace,
    // Their own endpoint changes these.
    ephemeralContainers: _ephemeral,
    schedulingGates: _gates,
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
