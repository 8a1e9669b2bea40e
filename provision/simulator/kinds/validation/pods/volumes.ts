/** Volumes of a pod (Kubernetes, pkg/apis/core/validation: ValidateVolumes). */
import { asText, isObject, isUnset, listAt, numberAt, objectAt, stringAt } from '../../json.ts';
import type { FieldError } from '../../kind.ts';
import type { Json, JsonObject } from '../../object.ts';
import {
  duplicate,
  forbidden,
  invalid,
  invalids,
  notSupported,
  required,
} from '../fields/field-errors.ts';
import { labelNameProblems } from '../fields/names.ts';
import { FIELDS_OF_FILES, fieldReferenceErrors, resourceReferenceErrors } from './environment.ts';
import { backstepErrors, descendingErrors } from './mounts.ts';

/** What is wrong with the volumes, and the names that containers may mount: volumes with mistakes are as good as missing. */
export function validateVolumes(
  spec: JsonObject,
  field: string,
): { readonly errors: readonly FieldError[]; readonly names: ReadonlySet<string> } {
  const names = new Set<string>();
  const errors = listAt(spec, 'volumes').flatMap((volume, i) => {
    const name = stringAt(volume, 'name');
    const found = [
      ...sourceErrors(volume, `${field}[${i}]`),
      ...(name === ''
        ? [required(`${field}[${i}].name`)]
        : invalids(`${field}[${i}].name`, name, labelNameProblems(name))),
      ...(names.has(name) ? [duplicate(`${field}[${i}].name`, name)] : []),
    ];
    if (found.length === 0) names.add(name);
    return found;
  });
  return { errors, names };
}

function sourceErrors(volume: Json, field: string): readonly FieldError[] {
  const sources = Object.keys(objectAt(volume)).filter(
    (key) => key !== 'name' && isObject(objectAt(volume)[key]),
  );
  if (sources.length === 0) return [required(field, 'must specify a volume type')];
  return sources.flatMap((key, i) => {
    if (i > 0) return [forbidden(`${field}.${key}`, 'may not specify more than 1 volume type')];
    const source = objectAt(volume, key);
    const missing = (NEEDED[key] ?? [])
      .filter((one) => stringAt(source, one) === '')
      .map((one) => required(`${field}.${key}.${one}`));
    return [...missing, ...(CHECKS[key]?.(source, `${field}.${key}`) ?? [])];
  });
}

/** Fields that a source cannot do without. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  secret: ['secretName'],
  configMap: ['name'],
  persistentVolumeClaim: ['claimName'],
  hostPath: ['path'],
  nfs: ['server', 'path'],
  csi: ['driver'],
};

type Check = (source: JsonObject, field: string) => readonly FieldError[];

const CHECKS: Readonly<Record<string, Check>> = {
  emptyDir: (source, field) =>
    asText(source['sizeLimit'] ?? '').startsWith('-')
      ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
      : [],
  hostPath: hostPathErrors,
  nfs: (source, field) => {
    const path = stringAt(source, 'path');
    return path === '' || path.startsWith('/')
      ? []
      : [invalid(`${field}.path`, path, 'must be an absolute path')];
  },
  secret: (source, field) => [
    ...modeErrors(source, 'defaultMode', field),
    ...keyToPathErrors(source, field),
  ],
  configMap: (source, field) => [
    ...modeErrors(source, 'defaultMode', field),
    ...keyToPathErrors(source, field),
  ],
  downwardAPI: (source, field) => [
    ...modeErrors(source, 'defaultMode', field),
    ...downwardErrors(source, field),
  ],
  projected: projectedErrors,
};

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

function hostPathErrors(source: JsonObject, field: string): readonly FieldError[] {
  const type = stringAt(source, 'type');
  return [
    ...backstepErrors(stringAt(source, 'path'), `${field}.path`),
    ...(HOST_PATH_TYPES.includes(type)
      ? []
      : [notSupported(`${field}.type`, type, HOST_PATH_TYPES)]),
  ];
}

function modeErrors(holder: Json, key: string, field: string): readonly FieldError[] {
  const mode = numberAt(holder, key) ?? 0;
  return mode >= 0 && mode <= 0o777
    ? []
    : [
        invalid(
          `${field}.${key}`,
          mode,
          'must be a number between 0 and 0777 (octal), both inclusive',
        ),
      ];
}

function keyToPathErrors(source: JsonObject, field: string): readonly FieldError[] {
  return listAt(source, 'items').flatMap((item, i) => {
    const at = `${field}.items[${i}]`;
    const path = stringAt(item, 'path');
    return [
      ...(stringAt(item, 'key') === '' ? [required(`${at}.key`)] : []),
      ...(path === '' ? [required(`${at}.path`)] : descendingErrors(path, `${at}.path`)),
      ...modeErrors(item, 'mode', at),
    ];
  });
}

function downwardErrors(source: JsonObject, field: string): readonly FieldError[] {
  return listAt(source, 'items').flatMap((item) => {
    const path = stringAt(item, 'path');
    const { fieldRef, resourceFieldRef } = objectAt(item);
    return [
      ...(path === '' ? [required(`${field}.path`)] : descendingErrors(path, `${field}.path`)),
      ...downwardSourceErrors(fieldRef, resourceFieldRef, field),
      ...modeErrors(item, 'mode', field),
    ];
  });
}

function downwardSourceErrors(
  fieldRef: Json | undefined,
  resourceRef: Json | undefined,
  field: string,
): readonly FieldError[] {
  if (isObject(fieldRef)) {
    const errors = fieldReferenceErrors(fieldRef, `${field}.fieldRef`, FIELDS_OF_FILES);
    const text = 'fieldRef and resourceFieldRef can not be specified simultaneously';
    return isUnset(resourceRef) ? errors : [...errors, invalid(field, 'resource', text)];
  }
  return isObject(resourceRef)
    ? resourceReferenceErrors(resourceRef, `${field}.resourceFieldRef`, true)
    : [required(field, 'one of fieldRef and resourceFieldRef is required')];
}

const PROJECTIONS: Readonly<Record<string, Check>> = {
  secret: namedProjection,
  configMap: namedProjection,
  downwardAPI: downwardErrors,
  serviceAccountToken: (source, field) =>
    stringAt(source, 'path') === '' ? [required(`${field}.path`)] : [],
};

function namedProjection(source: JsonObject, field: string): readonly FieldError[] {
  return [
    ...(stringAt(source, 'name') === '' ? [required(`${field}.name`)] : []),
    ...keyToPathErrors(source, field),
  ];
}

function projectedErrors(source: JsonObject, field: string): readonly FieldError[] {
  const errors = listAt(source, 'sources').flatMap((projection, i) => {
    const at = `${field}.sources[${i}]`;
    const used = Object.keys(objectAt(projection)).filter((key) =>
      isObject(objectAt(projection)[key]),
    );
    if (used.length === 0) return [required(at, 'must specify a volume type')];
    return used.flatMap((key, j) =>
      j > 0
        ? [forbidden(`${at}.${key}`, 'may not specify more than 1 volume type')]
        : (PROJECTIONS[key]?.(objectAt(projection, key), `${at}.${key}`) ?? []),
    );
  });
  return [...errors, ...modeErrors(source, 'defaultMode', field)];
}
