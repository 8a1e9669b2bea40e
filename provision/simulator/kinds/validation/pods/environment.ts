/** Environment variables of containers and where they come from. */
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import { invalid, invalids, notSupported, required } from '../fields/field-errors.ts';
import { configKeyProblems, environmentNameProblems } from '../fields/names.ts';

/** What `env` and `envFrom` of a container have against them. */
export function environmentErrors(container: Json, field: string): readonly FieldError[] {
  return [
    ...listAt(container, 'env').flatMap((one, i) => variableErrors(one, `${field}.env[${i}]`)),
    ...listAt(container, 'envFrom').flatMap((one, i) =>
      sourceErrors(one, `${field}.envFrom[${i}]`),
    ),
  ];
}

function variableErrors(variable: Json, field: string): readonly FieldError[] {
  const name = stringAt(variable, 'name');
  const source = objectAt(variable)['valueFrom'];
  return [
    ...(name === ''
      ? [required(`${field}.name`)]
      : invalids(`${field}.name`, name, environmentNameProblems(name))),
    ...(isObject(source)
      ? valueSourceErrors(source, stringAt(variable, 'value'), `${field}.valueFrom`)
      : []),
  ];
}

const VALUE_SOURCES: Readonly<
  Record<string, (source: JsonObject, field: string) => readonly FieldError[]>
> = {
  fieldRef: (source, field) => fieldReferenceErrors(source, field, FIELDS_OF_VARIABLES),
  resourceFieldRef: (source, field) => resourceReferenceErrors(source, field, false),
  configMapKeyRef: keyReferenceErrors,
  secretKeyRef: keyReferenceErrors,
};

function valueSourceErrors(
  source: JsonObject,
  value: string,
  field: string,
): readonly FieldError[] {
  const used = Object.entries(VALUE_SOURCES).filter(([key]) => isObject(source[key]));
  const errors = used.flatMap(([key, check]) => check(objectAt(source, key), `${field}.${key}`));
  const text =
    used.length === 0
      ? 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
      : value !== ''
        ? 'may not be specified when `value` is not empty'
        : used.length > 1
          ? 'may not have more than one field specified at a time'
          : '';
  return text === '' ? errors : [...errors, invalid(field, '', text)];
}

function sourceErrors(source: Json, field: string): readonly FieldError[] {
  const used = ['configMapRef', 'secretRef'].filter((key) => isObject(objectAt(source)[key]));
  const prefix = stringAt(source, 'prefix');
  const text =
    used.length === 0
      ? 'must specify one of: `configMapRef` or `secretRef`'
      : used.length > 1
        ? 'may not have more than one field specified at a time'
        : '';
  return [
    ...(prefix === '' ? [] : invalids(`${field}.prefix`, prefix, environmentNameProblems(prefix))),
    ...used
      .filter((key) => stringAt(source, key, 'name') === '')
      .map((key) => required(`${field}.${key}.name`)),
    ...(text === '' ? [] : [invalid(field, '', text)]),
  ];
}

function keyReferenceErrors(reference: JsonObject, field: string): readonly FieldError[] {
  const key = stringAt(reference, 'key');
  return [
    ...(stringAt(reference, 'name') === '' ? [required(`${field}.name`)] : []),
    ...(key === ''
      ? [required(`${field}.key`)]
      : invalids(`${field}.key`, key, configKeyProblems(key))),
  ];
}

/** Fields of a pod that a variable may be made from, as upstream lists them. */
const FIELDS_OF_VARIABLES = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of a pod that a file of a downwardAPI volume may be made from. */
export const FIELDS_OF_FILES = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** All that the downward API has names for. */
const KNOWN_FIELDS = new Set([
  ...FIELDS_OF_VARIABLES,
  ...FIELDS_OF_FILES,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

/** What a reference to a field of the pod has against it; `supported` are the fields for its place. */
export function fieldReferenceErrors(
  reference: JsonObject,
  field: string,
  supported: readonly string[],
): readonly FieldError[] {
  const path = stringAt(reference, 'fieldPath');
  if (path === '') return [required(`${field}.fieldPath`)];
  // One label or annotation: its key is not looked at here.
  if (/^metadata\.(annotations|labels)\['.+'\]$/.test(path)) return [];
  if (!KNOWN_FIELDS.has(path)) {
    const text = `error converting fieldPath: field label not supported: ${path}`;
    return [invalid(`${field}.fieldPath`, path, text)];
  }
  return supported.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, supported)];
}

const RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** What a reference to a container's resource has against it; files of volumes must name the container. */
export function resourceReferenceErrors(
  reference: JsonObject,
  field: string,
  isContainerNeeded: boolean,
): readonly FieldError[] {
  const resource = stringAt(reference, 'resource');
  if (isContainerNeeded && stringAt(reference, 'containerName') === '') {
    return [required(`${field}.containerName`)];
  }
  if (resource === '') return [required(`${field}.resource`)];
  const isKnown = RESOURCES.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource);
  return isKnown ? [] : [notSupported(`${field}.resource`, resource, RESOURCES)];
}
