/** Kubernetes' protobuf bodies as JSON (Kubernetes documentation, "API Concepts", protobuf encoding). */
import protobuf from 'protobufjs';

import type { Json, JsonObject } from '../../kinds/object.ts';
import { badRequest } from '../errors.ts';
import { goJsonError } from '../http/requests/go-json-error.ts';
import { isObject, isList, stringAt } from '../objects/json.ts';
import { messageType } from './schema.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

/** The bytes `k8s` and 0 that stand in front of every message. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * Decodes an object.
 * @throws ApiError 400 for what is no such message and for kinds whose messages we do not know
 */
export function decodeProtobuf(bytes: Buffer): JsonObject {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw badRequest(
      `provided data does not appear to be a protobuf message, expected prefix [${[...MAGIC].join(' ')}]`,
    );
  }
  const envelope = decodeMessage('runtime', 'Unknown', bytes.subarray(MAGIC.length));
  const apiVersion = stringAt(envelope, 'typeMeta', 'apiVersion') ?? '';
  const kind = stringAt(envelope, 'typeMeta', 'kind') ?? '';
  const raw = Buffer.from(stringAt(envelope, 'raw') ?? '', 'base64');
  return { apiVersion, kind, ...decodeMessage(packageOf(apiVersion, kind), kind, raw) };
}

/** Kinds whose messages belong to apimachinery, whatever group they are sent to. */
const META_KINDS = new Set(['DeleteOptions']);

function packageOf(apiVersion: string, kind: string): string {
  if (META_KINDS.has(kind)) return 'meta.v1';
  const [group = '', version] = apiVersion.split('/');
  if (version === undefined) return `core.${group}`;
  return `${group.split('.', 1)[0]}.${version}`;
}

function decodeMessage(packageName: string, name: string, bytes: Buffer): JsonObject {
  const type = messageType(packageName, name);
  if (!type) {
    throw badRequest(
      `Cannot read the protobuf body: this simulator does not know the message ${packageName}.${name}; send JSON`,
    );
  }
  const plain: unknown = type.toObject(decodeBytes(type, bytes), { longs: Number, bytes: String });
  const json = isObject(plain) ? toJson(plain, type) : {};
  return isObject(json) ? json : {};
}

function decodeBytes(type: protobuf.Type, bytes: Buffer): protobuf.Message {
  try {
    return type.decode(bytes);
  } catch (cause) {
    // The library's own words are about its own code.
    const isShort = cause instanceof RangeError && /index out of range/.test(cause.message);
    const why = isShort ? 'unexpected EOF' : 'proto: illegal wireType or tag';
    throw badRequest(`${type.name}: ${why}`);
  }
}

/** Fields that Go inlines: their content belongs to the parent. */
const INLINED = new Set([
  'localObjectReference',
  'handler',
  'volumeSource',
  'ephemeralContainerCommon',
  'ingressRuleValue',
]);
const INLINED_OF: Readonly<Record<string, readonly string[]>> = {
  localObjectReference: [
    'ConfigMapEnvSource',
    'ConfigMapKeySelector',
    'ConfigMapProjection',
    'ConfigMapVolumeSource',
    'SecretEnvSource',
    'SecretKeySelector',
    'SecretProjection',
  ],
};
const RENAMED: Readonly<Record<string, string>> = { uID: 'uid' };
/** Fields that are no pointers in Go and `omitempty` in JSON: their zero, which protobuf writes, is what JSON leaves out. */
const ZERO_IS_UNSET = new Set(
  (
    'nodePort hostPort healthCheckNodePort number partition signal generation minReadySeconds initialDelaySeconds ' +
    'timeoutSeconds periodSeconds successThreshold failureThreshold hostNetwork hostPID hostIPC stdin stdinOnce tty ' +
    'readOnly paused publishNotReadyAddresses globalDefault sslEnabled chapAuthDiscovery chapAuthSession'
  ).split(' '),
);
/** Texts that are pointers in Go: an empty one says something. */
const EMPTY_IS_SET = new Set(['storageClassName', 'volumeAttributesClassName']);

/** A decoded message in JSON's shape; undefined for what JSON leaves out. */
function toJson(value: JsonObject, type: protobuf.Type): Json | undefined {
  switch (type.name) {
    case 'Quantity':
      return stringAt(value, 'string') ?? '0';
    case 'Time':
    case 'MicroTime':
      return timeText(value, type.name === 'MicroTime');
    case 'IntOrString':
      return value['type'] === 1 ? (value['strVal'] ?? '') : (value['intVal'] ?? 0);
    case 'FieldsV1':
      return parseRaw(value['Raw']);
    case 'RawExtension':
      return parseRaw(value['raw']);
    case 'ExtraValue':
      return value['items'] ?? [];
    default:
      return fieldsToJson(value, type);
  }
}

function fieldsToJson(value: JsonObject, type: protobuf.Type): JsonObject {
  const result: Record<string, Json | undefined> = {};
  for (const [name, raw] of Object.entries(value)) {
    const field = type.fields[name];
    const converted = field ? fieldToJson(raw, field) : undefined;
    if (converted === undefined || isZero(name, converted)) continue;
    if (isObject(converted) && isInlined(name, type.name)) Object.assign(result, converted);
    else result[RENAMED[name] ?? name] = converted;
  }
  return result;
}

function isInlined(field: string, message: string): boolean {
  return INLINED.has(field) && (INLINED_OF[field]?.includes(message) ?? true);
}

function isZero(name: string, value: Json): boolean {
  if (value === '') return !EMPTY_IS_SET.has(name);
  return ZERO_IS_UNSET.has(name) && (value === 0 || value === false);
}

function fieldToJson(value: Json | undefined, field: protobuf.Field): Json | undefined {
  const type = field.resolve().resolvedType;
  if (value === undefined || !(type instanceof protobuf.Type)) return value;
  const convert = (item: Json) => (isObject(item) ? toJson(item, type) : item);
  if (isList(value)) return value.map((item) => convert(item) ?? null);
  if (!(field instanceof protobuf.MapField)) return convert(value);
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(entries.map(([key, item]) => [key, convert(item ?? null)]));
}

function timeText(value: JsonObject, hasMicros: boolean): string | undefined {
  const { seconds, nanos } = value;
  if (typeof seconds !== 'number' || seconds <= 0 || seconds > LAST_SECOND) return undefined;
  const text = new Date(seconds * 1000).toISOString();
  const micros = Math.floor((typeof nanos === 'number' ? nanos : 0) / 1000);
  return text.replace(/\.\d{3}Z$/, hasMicros ? `.${String(micros).padStart(6, '0')}Z` : 'Z');
}

/** The end of the year 9999, after which JSON has no times. */
const LAST_SECOND = 253_402_300_799;

function parseRaw(raw: Json | undefined): Json | undefined {
  if (typeof raw !== 'string' || raw === '') return undefined;
  const bytes = Buffer.from(raw, 'base64');
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    throw badRequest(goJsonError(bytes) ?? 'exceeded max depth');
  }
}
