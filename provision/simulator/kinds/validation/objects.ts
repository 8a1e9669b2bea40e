import { matchConditionErrors } from '../admission-policies/index.ts';
/** What upstream demands of configuration, access rules, claims and other objects that are not workloads. */
import { asText, isObject, isSame, isUnset, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { isQuantity } from '../quantity.ts';
import {
  duplicate,
  forbidden,
  immutable,
  invalid,
  invalids,
  notSupported,
  required,
  tooLong,
} from './field-errors.ts';
import { configKeyProblems, qualifiedNameProblems } from './names.ts';
import { NOT_NEGATIVE } from './numbers.ts';

/** What a ConfigMap or Secret may hold, so that it fits into etcd. */
const DATA_LIMIT_BYTES = 1024 * 1024;

export function validateConfigMap(
  configMap: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const { data, binaryData } = configMap;
  const both = Object.keys(objectAt(binaryData)).filter((key) => isObject(data) && key in data);
  return [
    ...keyErrors(data, 'data'),
    ...keyErrors(binaryData, 'binaryData'),
    ...both.map((key) =>
      invalid(
        `data[${key}]`,
        asText(objectAt(data)[key]),
        'duplicate of key present in binaryData',
      ),
    ),
    ...sizeErrors(data, ''),
    ...frozenErrors(configMap, old, ['data', 'binaryData']),
  ];
}

/** Keys that secrets of some types must have. */
const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export function validateSecret(
  secret: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const type = stringAt(secret, 'type');
  const data = objectAt(secret, 'data');
  const given = { ...data, ...objectAt(secret, 'stringData') };
  const account = stringAt(secret, 'metadata', 'annotations', 'kubernetes.io/service-account.name');
  return [
    ...keyErrors(data, 'data'),
    ...sizeErrors(data, 'data'),
    ...(SECRET_KEYS[type] ?? [])
      .filter((key) => given[key] === undefined)
      .map((key) => required(`data[${key}]`)),
    ...(type === 'kubernetes.io/service-account-token' && account === ''
      ? [required('metadata.annotations[kubernetes.io/service-account.name]')]
      : []),
    ...(old ? immutable('type', type, !isSame(old['type'], secret['type'])) : []),
    ...frozenErrors(secret, old, ['data']),
  ];
}

export function validateRole(role: JsonObject): readonly FieldError[] {
  return listAt(role, 'rules').flatMap((rule, i) => {
    const isForPaths = listAt(rule, 'nonResourceURLs').length > 0;
    const missing = (key: string) => listAt(rule, key).length === 0;
    return [
      ...(missing('verbs')
        ? [required(`rules[${i}].verbs`, 'verbs must contain at least one value')]
        : []),
      ...(missing('apiGroups') && !isForPaths
        ? [required(`rules[${i}].apiGroups`, 'resource rules must supply at least one api group')]
        : []),
      ...(missing('resources') && !isForPaths
        ? [required(`rules[${i}].resources`, 'resource rules must supply at least one resource')]
        : []),
    ];
  });
}

const RBAC = 'rbac.authorization.k8s.io';
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

export function validateBinding(
  binding: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const ref = objectAt(binding, 'roleRef');
  const kinds = binding['kind'] === 'RoleBinding' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const kind = stringAt(ref, 'kind');
  const group = stringAt(ref, 'apiGroup');
  return [
    ...(group === RBAC ? [] : [notSupported('roleRef.apiGroup', group, [RBAC])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(stringAt(ref, 'name') === '' ? [required('roleRef.name')] : []),
    ...listAt(binding, 'subjects').flatMap((subject, i) =>
      subjectErrors(subject, `subjects[${i}]`),
    ),
    ...(old && !isSame(ref, objectAt(old, 'roleRef'))
      ? [invalid('roleRef', ref, 'cannot change roleRef')]
      : []),
  ];
}

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export function validateClaim(
  claim: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(claim, 'spec');
  const storage = objectAt(spec, 'resources', 'requests')['storage'];
  return [
    ...accessModeErrors(spec, 'at least 1 access mode is required'),
    ...(isUnset(storage) ? [required('spec.resources[storage]')] : []),
    ...(old && !isSame(fixedPart(spec), fixedPart(objectAt(old, 'spec')))
      ? [
          forbidden(
            'spec',
            'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
          ),
        ]
      : []),
  ];
}

export function validateVolume(volume: JsonObject): readonly FieldError[] {
  const spec = objectAt(volume, 'spec');
  return [
    ...accessModeErrors(spec, ''),
    ...(isUnset(objectAt(spec, 'capacity')['storage']) ? [required('spec.capacity')] : []),
  ];
}

export function validateStorageClass(
  storageClass: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const fixed = ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'];
  return [
    ...(stringAt(storageClass, 'provisioner') === '' ? [required('provisioner')] : []),
    ...(old
      ? fixed
          .filter((key) => !isSame(storageClass[key], old[key]))
          .map((key) => forbidden(key, `updates to ${key} are forbidden.`))
      : []),
  ];
}

export function validateQuota(quota: JsonObject): readonly FieldError[] {
  return Object.entries(objectAt(quota, 'spec', 'hard')).flatMap(([name, amount]) => [
    ...invalids(`spec.hard[${name}]`, name, qualifiedNameProblems(name)),
    ...(isQuantity(asText(amount)) && asText(amount).startsWith('-')
      ? [invalid(`spec.hard[${name}]`, asText(amount), NOT_NEGATIVE)]
      : []),
  ]);
}

const HIGHEST_PRIORITY = 1_000_000_000;

export function validatePriorityClass(
  priorityClass: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const value = priorityClass['value'];
  const name = stringAt(priorityClass, 'metadata', 'name');
  return [
    ...(typeof value === 'number' && value > HIGHEST_PRIORITY && !name.startsWith('system-')
      ? [
          forbidden(
            'value',
            `maximum allowed value of a user defined priority is ${HIGHEST_PRIORITY}`,
          ),
        ]
      : []),
    ...(old && !isSame(value, old['value'])
      ? [forbidden('value', 'may not be changed in an update.')]
      : []),
  ];
}

/** Names of webhooks are domain names of at least three parts, each once. */
export function validateWebhooks(configuration: JsonObject): readonly FieldError[] {
  const names = new Set<string>();
  return listAt(configuration, 'webhooks').flatMap((webhook, i) => {
    const name = stringAt(webhook, 'name');
    const field = `webhooks[${i}]`;
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${field}.name`));
    else if (name.split('.').length < 3) {
      errors.push(
        invalid(
          `${field}.name`,
          name,
          'should be a domain with at least three segments separated by dots',
        ),
      );
    }
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    if (listAt(webhook, 'admissionReviewVersions').length === 0) {
      errors.push(required(`${field}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
    }
    const effects = stringAt(webhook, 'sideEffects');
    if (effects !== 'None' && effects !== 'NoneOnDryRun') {
      errors.push(
        effects === ''
          ? required(`${field}.sideEffects`, 'must specify one of None, NoneOnDryRun')
          : notSupported(`${field}.sideEffects`, effects, ['None', 'NoneOnDryRun']),
      );
    }
    const client = objectAt(webhook, 'clientConfig');
    if (isUnset(client['url']) === isUnset(client['service'])) {
      errors.push(required(`${field}.clientConfig`, 'exactly one of url or service is required'));
    }
    const conditions = listAt(webhook, 'matchConditions');
    return [...errors, ...matchConditionErrors(conditions, `${field}.matchConditions`, false)];
  });
}

function keyErrors(data: Json | undefined, field: string): readonly FieldError[] {
  return Object.keys(objectAt(data)).flatMap((key) =>
    invalids(`${field}[${key}]`, key, configKeyProblems(key)),
  );
}

function sizeErrors(data: Json | undefined, field: string): readonly FieldError[] {
  const sizeBytes = Object.values(objectAt(data)).reduce<number>(
    (total, value) => total + Buffer.byteLength(asText(value)),
    0,
  );
  return sizeBytes > DATA_LIMIT_BYTES ? [tooLong(field, DATA_LIMIT_BYTES)] : [];
}

function frozenErrors(
  object: JsonObject,
  old: JsonObject | undefined,
  keys: readonly string[],
): readonly FieldError[] {
  if (old?.['immutable'] !== true) return [];
  const why = 'field is immutable when `immutable` is set';
  return [
    ...(object['immutable'] === true ? [] : [forbidden('immutable', why)]),
    ...keys.filter((key) => !isSame(object[key], old[key])).map((key) => forbidden(key, why)),
  ];
}

function subjectErrors(subject: Json, field: string): readonly FieldError[] {
  const kind = stringAt(subject, 'kind');
  const isHomeless = kind === 'ServiceAccount' && stringAt(subject, 'namespace') === '';
  return [
    ...(stringAt(subject, 'name') === '' ? [required(`${field}.name`)] : []),
    ...(isHomeless ? [required(`${field}.namespace`)] : []),
    ...(SUBJECT_KINDS.includes(kind) ? [] : [notSupported(`${field}.kind`, kind, SUBJECT_KINDS)]),
  ];
}

function accessModeErrors(spec: JsonObject, detail: string): readonly FieldError[] {
  const modes = listAt(spec, 'accessModes');
  if (modes.length === 0) return [required('spec.accessModes', detail)];
  return modes
    .filter((mode) => !ACCESS_MODES.includes(asText(mode)))
    .map((mode) => notSupported('spec.accessModes', mode, ACCESS_MODES));
}

function fixedPart(spec: JsonObject): JsonObject {
  const {
    resources: _resources,
    volumeAttributesClassName: _class,
    // The binder fills these in.
    volumeName: _volume,
    storageClassName: _storage,
    ...rest
  } = spec;
  return rest;
}
