/** Whether an object has the types its schema says, worded as Go's JSON decoder words it. */
import { ApiError } from '../../client/api-error.ts';
import { fieldPath, isList, isObject } from '../json.ts';
import type { Kind, Schema } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { isIntOrString } from '../values/int-or-string.ts';
import { isQuantity, QUANTITY_MESSAGE } from '../values/quantity.ts';
import { goTypeName } from './go-types.ts';

/**
 * Checks the types of all fields of a built-in kind, and of the metadata of a custom resource: what else a
 * custom resource holds is checked by its schema after defaulting (`Kind.validate`).
 * @throws ApiError 400 with the first mismatch, as upstream: `Deployment in version "v1" cannot be handled as a Deployment: json: …`
 */
export function validateShape(kind: Kind, object: JsonObject): void {
  const problem = shapeProblem(kind.schema, checkedPart(kind, object));
  if (problem === undefined) return;
  throw new ApiError(
    400,
    'BadRequest',
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${problem}`,
  );
}

/** The first mismatch between a value and a schema; undefined when there is none. */
function shapeProblem(schema: Schema, value: JsonObject): string | undefined {
  return objectProblem(schema, value, { struct: structName(schema), path: '' });
}

/** Where a value stands: the innermost Go struct and the path of fields from the root. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

function checkedPart(kind: Kind, object: JsonObject): JsonObject {
  if (kind.isCustom !== true) return object;
  const { metadata } = object;
  return metadata === undefined ? {} : { metadata };
}

function valueProblem(schema: Schema, value: Json | undefined, place: Place): string | undefined {
  // null is Go's zero value whatever the type.
  if (value === undefined || value === null || schema.type === 'any') {
    return anyProblem(schema, value);
  }
  switch (schema.type) {
    case 'object':
      return isObject(value) ? objectProblem(schema, value, place) : mismatch(schema, value, place);
    case 'array':
      return isList(value) ? listProblem(schema, value, place) : mismatch(schema, value, place);
    case 'string':
      return stringProblem(schema, value, place);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(schema, value, place);
    case 'number':
      return typeof value === 'number' ? undefined : mismatch(schema, value, place);
    case 'integer':
      break;
  }
  return integerProblem(schema, value, place);
}

function anyProblem(schema: Schema, value: Json | undefined): string | undefined {
  if (schema.format !== 'int-or-string' || value === undefined || value === null) return undefined;
  if (isIntOrString(value)) return undefined;
  const what = typeof value === 'number' ? `number ${String(value)}` : jsonType(value);
  return `json: cannot unmarshal ${what} into Go value of type int32`;
}

function objectProblem(schema: Schema, object: JsonObject, place: Place): string | undefined {
  const { properties, additionalProperties } = schema;
  for (const [key, value] of Object.entries(object)) {
    const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const inside = property
      ? { struct: structName(schema), path: fieldPath(place.path, key) }
      : place;
    const known = property ?? additionalProperties;
    const problem = known && valueProblem(known, value, inside);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function listProblem({ items }: Schema, list: readonly Json[], place: Place): string | undefined {
  if (!items) return undefined;
  for (const item of list) {
    const problem = valueProblem(items, item, place);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function stringProblem(schema: Schema, value: Json, place: Place): string | undefined {
  const { format = '' } = schema;
  switch (format) {
    case 'quantity':
      return isQuantityValue(value) ? undefined : QUANTITY_MESSAGE;
    case 'date-time':
    case 'date-time-micro':
      return timeProblem(format, value);
    case 'byte':
      return bytesProblem(schema, value, place);
    default:
      return typeof value === 'string' ? undefined : mismatch(schema, value, place);
  }
}

function isQuantityValue(value: Json): boolean {
  return typeof value === 'number' || (typeof value === 'string' && isQuantity(value));
}

function timeProblem(format: string, value: Json): string | undefined {
  if (typeof value !== 'string') {
    return `json: cannot unmarshal ${jsonType(value)} into Go value of type string`;
  }
  if (/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value)) return undefined;
  const layout =
    format === 'date-time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
  return `parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(value)} as "2006"`;
}

function bytesProblem(schema: Schema, value: Json, place: Place): string | undefined {
  if (typeof value !== 'string') return mismatch(schema, value, place);
  const bare = value.replaceAll(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9+/]/.exec(bare.replace(/={1,2}$/, ''));
  if (wrong) return `illegal base64 data at input byte ${wrong.index}`;
  return bare.length % 4 === 0
    ? undefined
    : `illegal base64 data at input byte ${bare.length - (bare.length % 4)}`;
}

const MAX_INT32 = 2_147_483_647;

function integerProblem(schema: Schema, value: Json, place: Place): string | undefined {
  if (typeof value !== 'number') return mismatch(schema, value, place);
  const isFitting =
    Number.isInteger(value) &&
    (schema.format !== 'int32' || (value >= -MAX_INT32 - 1 && value <= MAX_INT32));
  return isFitting ? undefined : mismatch(schema, value, place, ` ${value}`);
}

function mismatch(schema: Schema, value: Json, { struct, path }: Place, shown = ''): string {
  const type = goTypeName(schema, path.slice(path.lastIndexOf('.') + 1), struct);
  return `json: cannot unmarshal ${jsonType(value)}${shown} into Go struct field ${struct}.${path} of type ${type}`;
}

function jsonType(value: Json): string {
  if (isList(value)) return 'array';
  if (isObject(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** `PodSpec` of `io.k8s.api.core.v1.PodSpec`. */
function structName({ definition = '' }: Schema): string {
  return definition.slice(definition.lastIndexOf('.') + 1);
}
