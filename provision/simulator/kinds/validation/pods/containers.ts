/** Containers of a pod (Kubernetes, pkg/apis/core/validation: validateContainers, validateInitContainers). */
import { asText, isObject, isUnset, listAt, numberAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalids,
  notSupported,
  oneOf,
  required,
} from '../fields/field-errors.ts';
import { labelNameProblems, portNameProblems, portNumberProblems } from '../fields/names.ts';
import { PROTOCOLS } from '../fields/ports.ts';
import { identityErrors, resourceErrors } from './container-resources.ts';
import { environmentErrors } from './environment.ts';
import { mountErrors } from './mounts.ts';
import { lifecycleErrors } from './probes.ts';

/** Containers, init containers and ephemeral containers of the spec; `volumes` are the names they may mount. */
export function validateContainers(
  spec: JsonObject,
  field: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const containers = listAt(spec, 'containers');
  const grace = { seconds: numberAt(spec, 'terminationGracePeriodSeconds') ?? 0 };
  const names = new Set<string>();
  const context = { volumes, grace, names };
  return [
    ...(containers.length === 0
      ? [required(`${field}.containers`)]
      : mainErrors(containers, `${field}.containers`, context)),
    ...initErrors(listAt(spec, 'initContainers'), `${field}.initContainers`, context),
    ...ephemeralErrors(
      listAt(spec, 'ephemeralContainers'),
      `${field}.ephemeralContainers`,
      context,
    ),
  ];
}

interface Context {
  readonly volumes: ReadonlySet<string>;
  readonly grace: { readonly seconds: number };
  /** Names taken by containers before. */
  readonly names: Set<string>;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File'];

function mainErrors(
  containers: readonly Json[],
  field: string,
  context: Context,
): readonly FieldError[] {
  const errors = containers.flatMap((container, i) => {
    const at = `${field}[${i}]`;
    return [
      ...containerErrors(container, at, context.volumes),
      ...duplicateName(container, at, context.names),
      ...lifecycleErrors(container, at, context.grace),
      ...(isUnset(objectAt(container)['restartPolicy'])
        ? []
        : [forbidden(`${at}.restartPolicy`, 'may not be set for non-init containers')]),
    ];
  });
  return [...errors, ...hostPortConflicts(containers, field)];
}

function initErrors(
  containers: readonly Json[],
  field: string,
  context: Context,
): readonly FieldError[] {
  return containers.flatMap((container, i) => {
    const at = `${field}[${i}]`;
    const restartPolicy = objectAt(container)['restartPolicy'];
    const isSidecar = restartPolicy === 'Always';
    return [
      ...containerErrors(container, at, context.volumes),
      ...(isUnset(restartPolicy) || isSidecar
        ? []
        : [notSupported(`${at}.restartPolicy`, restartPolicy, ['Always'])]),
      ...duplicateName(container, at, context.names),
      ...hostPortConflicts([container], field),
      ...(isSidecar
        ? lifecycleErrors(container, at, context.grace)
        : forbiddenParts(
            container,
            at,
            'may not be set for init containers without restartPolicy=Always',
          )),
    ];
  });
}

function ephemeralErrors(
  containers: readonly Json[],
  field: string,
  context: Context,
): readonly FieldError[] {
  return containers.flatMap((container, i) => {
    const at = `${field}[${i}]`;
    const resources = objectAt(container, 'resources');
    return [
      ...containerErrors(container, at, context.volumes),
      ...duplicateName(container, at, context.names),
      ...(listAt(container, 'ports').length > 0
        ? [forbidden(`${at}.ports`, 'cannot be set for an Ephemeral Container')]
        : []),
      ...(Object.keys(resources).length > 0
        ? [forbidden(`${at}.resources`, 'cannot be set for an Ephemeral Container')]
        : []),
      ...forbiddenParts(container, at, 'cannot be set for an Ephemeral Container'),
    ];
  });
}

const LIFECYCLE = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function forbiddenParts(container: Json, field: string, why: string): readonly FieldError[] {
  return LIFECYCLE.filter((key) => isObject(objectAt(container)[key])).map((key) =>
    forbidden(`${field}.${key}`, why),
  );
}

function duplicateName(container: Json, field: string, names: Set<string>): readonly FieldError[] {
  const name = stringAt(container, 'name');
  if (names.has(name)) return [duplicate(`${field}.name`, name)];
  if (name !== '') names.add(name);
  return [];
}

/** What all containers have in common. */
function containerErrors(
  container: Json,
  field: string,
  volumes: ReadonlySet<string>,
): readonly FieldError[] {
  const name = stringAt(container, 'name');
  return [
    ...(name === ''
      ? [required(`${field}.name`)]
      : invalids(`${field}.name`, name, labelNameProblems(name))),
    ...imageErrors(stringAt(container, 'image'), `${field}.image`),
    ...oneOf(
      `${field}.terminationMessagePolicy`,
      stringAt(container, 'terminationMessagePolicy'),
      MESSAGE_POLICIES,
    ),
    ...portErrors(container, `${field}.ports`),
    ...environmentErrors(container, field),
    ...mountErrors(container, field, volumes),
    ...oneOf(`${field}.imagePullPolicy`, stringAt(container, 'imagePullPolicy'), PULL_POLICIES),
    ...resourceErrors(objectAt(container, 'resources'), `${field}.resources`),
    ...securityErrors(objectAt(container, 'securityContext'), `${field}.securityContext`),
  ];
}

function imageErrors(image: string, field: string): readonly FieldError[] {
  if (image === '') return [required(field)];
  return image === image.trim()
    ? []
    : [invalid(field, image, 'must not have leading or trailing whitespace')];
}

function portErrors(container: Json, field: string): readonly FieldError[] {
  const names = new Set<string>();
  return listAt(container, 'ports').flatMap((port, i) => {
    const errors: FieldError[] = [];
    const name = stringAt(port, 'name');
    if (name !== '') {
      const problems = portNameProblems(name);
      errors.push(...invalids(`${field}[${i}].name`, name, problems));
      if (problems.length === 0 && names.has(name))
        errors.push(duplicate(`${field}[${i}].name`, name));
      names.add(name);
    }
    const number = numberAt(port, 'containerPort') ?? 0;
    if (number === 0) errors.push(required(`${field}[${i}].containerPort`));
    else
      errors.push(...invalids(`${field}[${i}].containerPort`, number, portNumberProblems(number)));
    const hostPort = numberAt(port, 'hostPort') ?? 0;
    if (hostPort !== 0) {
      errors.push(...invalids(`${field}[${i}].hostPort`, hostPort, portNumberProblems(hostPort)));
    }
    return [...errors, ...oneOf(`${field}[${i}].protocol`, stringAt(port, 'protocol'), PROTOCOLS)];
  });
}

function hostPortConflicts(containers: readonly Json[], field: string): readonly FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap((container, i) =>
    listAt(container, 'ports').flatMap((port, j) => {
      const hostPort = numberAt(port, 'hostPort') ?? 0;
      const claim = `${stringAt(port, 'protocol')}/${stringAt(port, 'hostIP')}/${hostPort}`;
      if (hostPort === 0) return [];
      if (taken.has(claim)) return [duplicate(`${field}[${i}].ports[${j}].hostPort`, claim)];
      taken.add(claim);
      return [];
    }),
  );
}

function securityErrors(context: JsonObject, field: string): readonly FieldError[] {
  const errors = identityErrors(context, field, ['runAsUser', 'runAsGroup']);
  if (context['allowPrivilegeEscalation'] !== false) return errors;
  const added = listAt(context, 'capabilities', 'add').map(asText);
  const conflict =
    context['privileged'] === true
      ? '`privileged` to true'
      : added.includes('CAP_SYS_ADMIN')
        ? '`capabilities.Add` CAP_SYS_ADMIN'
        : '';
  return conflict === ''
    ? errors
    : [
        ...errors,
        invalid(field, context, `cannot set \`allowPrivilegeEscalation\` to false and ${conflict}`),
      ];
}
