/** What upstream demands of ConfigMaps and Secrets. */
import { asText, isObject, isSame, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import { DATA_LIMIT_BYTES } from '../limits.ts';
import type { Json, JsonObject } from '../object.ts';
import {
  forbidden,
  immutable,
  invalid,
  invalids,
  required,
  tooLong,
} from './fields/field-errors.ts';
import { configKeyProblems } from './fields/names.ts';

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
    // Upstream has no name for the field that is the whole object.
    ...sizeErrors({ ...objectAt(data), ...objectAt(binaryData) }, '[]'),
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
/** Secrets of this type must have one of two keys, and are told of both. */
const BASIC_AUTH = 'kubernetes.io/basic-auth';
const BASIC_AUTH_KEYS = ['username', 'password'];

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
    ...(type === BASIC_AUTH && BASIC_AUTH_KEYS.every((key) => given[key] === undefined)
      ? BASIC_AUTH_KEYS.map((key) => required(`data[${key}]`))
      : []),
    ...jsonErrors(type, data),
    ...(type === 'kubernetes.io/service-account-token' && account === ''
      ? [required('metadata.annotations[kubernetes.io/service-account.name]')]
      : []),
    ...(old ? immutable('type', type, !isSame(old['type'], secret['type'])) : []),
    ...frozenErrors(secret, old, ['data']),
  ];
}

/** Keys of secrets that hold JSON, by type. */
const JSON_KEYS: Readonly<Record<string, string>> = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

function jsonErrors(type: string, data: JsonObject): readonly FieldError[] {
  const key = JSON_KEYS[type];
  const encoded = key === undefined ? undefined : data[key];
  if (typeof encoded !== 'string') return [];
  try {
    JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [invalid(`data[${key}]`, '<secret contents redacted>', why)];
  }
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
