/** Validation of custom resources by their OpenAPI schema, in the words of kube-openapi's validator. */
import { compilePattern } from '../../pattern.ts';
import {
  asText,
  fieldPath,
  isList,
  isObject,
  isSame,
  listAt,
  numberAt,
  objectAt,
  stringAt,
} from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import {
  duplicate,
  invalid,
  notSupported,
  required,
  tooLong,
  typeInvalid,
} from '../validation/fields/field-errors.ts';
import { combinationErrors } from './combinations.ts';
import { formatProblem } from './formats.ts';

/** What a custom resource has against its schema; `raw` is the JSONSchemaProps of its version. */
export function schemaErrors(raw: JsonObject, object: JsonObject): readonly FieldError[] {
  // These are every object's and checked as such, whatever the schema says.
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...rest } = object;
  return valueErrors(raw, rest, '');
}

/** What a value has against a schema; `path` is its field, empty for the root. */
export function valueErrors(
  raw: Json | undefined,
  value: Json,
  path: string,
): readonly FieldError[] {
  if (!isObject(raw)) return [];
  if (value === null && raw['nullable'] === true) return [];
  const type = typeErrors(raw, value, path);
  if (type.length > 0) return type;
  return [
    ...enumErrors(raw, value, path),
    ...formatErrors(raw, value, path),
    ...contentErrors(raw, value, path),
    ...combinationErrors(raw, value, path, valueErrors),
  ];
}

function typeErrors(raw: JsonObject, value: Json, path: string): readonly FieldError[] {
  const expected = stringAt(raw, 'type');
  const actual = typeName(value);
  if (raw['x-kubernetes-int-or-string'] === true) {
    return actual === 'integer' || actual === 'string'
      ? []
      : [typeInvalid(path, actual, `${path} in body must be of type integer,string: "${actual}"`)];
  }
  const isNumber = expected === 'number' && actual === 'integer';
  if (expected === '' || expected === actual || isNumber) return [];
  return [typeInvalid(path, actual, `${path} in body must be of type ${expected}: "${actual}"`)];
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function enumErrors(raw: JsonObject, value: Json, path: string): readonly FieldError[] {
  const allowed = listAt(raw, 'enum');
  if (allowed.length === 0 || allowed.some((one) => isSame(one, value))) return [];
  return [notSupported(path, value, allowed.map(asText))];
}

function contentErrors(raw: JsonObject, value: Json, path: string): readonly FieldError[] {
  if (typeof value === 'string') return textErrors(raw, value, path);
  if (typeof value === 'number') return numberErrors(raw, value, path);
  if (isList(value)) return listErrors(raw, value, path);
  return isObject(value) ? objectErrors(raw, value, path) : [];
}

function textErrors(raw: JsonObject, value: string, path: string): readonly FieldError[] {
  const minLength = numberAt(raw, 'minLength');
  const maxLength = numberAt(raw, 'maxLength');
  // Code points, as Go counts runes.
  const length = Array.from(value).length;
  const pattern = stringAt(raw, 'pattern');
  return [
    ...(maxLength !== undefined && length > maxLength ? [tooLong(path, maxLength)] : []),
    ...(minLength !== undefined && length < minLength
      ? [invalid(path, value, `${path} in body should be at least ${minLength} chars long`)]
      : []),
    ...(pattern !== '' && !compilePattern(pattern).isIn(value)
      ? [invalid(path, value, `${path} in body should match '${pattern}'`)]
      : []),
  ];
}

function formatErrors(raw: JsonObject, value: Json, path: string): readonly FieldError[] {
  const format = stringAt(raw, 'format');
  const problem = format === '' ? undefined : formatProblem(format, value);
  return problem === undefined ? [] : [invalid(path, value, `${path} in body ${problem}`)];
}

function numberErrors(raw: JsonObject, value: number, path: string): readonly FieldError[] {
  const minimum = numberAt(raw, 'minimum');
  const maximum = numberAt(raw, 'maximum');
  const isAbove = raw['exclusiveMinimum'] === true;
  const isBelow = raw['exclusiveMaximum'] === true;
  return [
    ...(maximum !== undefined && (value > maximum || (isBelow && value === maximum))
      ? [
          invalid(
            path,
            value,
            `${path} in body should be less than ${isBelow ? '' : 'or equal to '}${maximum}`,
          ),
        ]
      : []),
    ...(minimum !== undefined && (value < minimum || (isAbove && value === minimum))
      ? [
          invalid(
            path,
            value,
            `${path} in body should be greater than ${isAbove ? '' : 'or equal to '}${minimum}`,
          ),
        ]
      : []),
  ];
}

function listErrors(raw: JsonObject, list: readonly Json[], path: string): readonly FieldError[] {
  const minItems = numberAt(raw, 'minItems');
  const maxItems = numberAt(raw, 'maxItems');
  const errors: FieldError[] = [];
  if (maxItems !== undefined && list.length > maxItems) {
    errors.push(tooMany(path, list.length, maxItems));
  }
  if (minItems !== undefined && list.length < minItems) {
    errors.push(
      invalid(path, list.length, `${path} in body should have at least ${minItems} items`),
    );
  }
  return [
    ...errors,
    ...list.flatMap((item, i) => valueErrors(raw['items'], item, `${path}[${i}]`)),
    ...duplicateErrors(raw, list, path),
  ];
}

/** List items that the schema wants told apart: sets, and maps by their keys. */
function duplicateErrors(
  raw: JsonObject,
  list: readonly Json[],
  path: string,
): readonly FieldError[] {
  const type = stringAt(raw, 'x-kubernetes-list-type');
  if (type !== 'set' && type !== 'map') return [];
  const keys = listAt(raw, 'x-kubernetes-list-map-keys').map(asText);
  const seen = new Set<string>();
  return list.flatMap((item, i) => {
    const shown =
      type === 'set' ? item : Object.fromEntries(keys.map((key) => [key, objectAt(item)[key]]));
    const text = JSON.stringify(shown);
    if (seen.has(text)) return [duplicate(`${path}[${i}]`, shown)];
    seen.add(text);
    return [];
  });
}

function objectErrors(raw: JsonObject, object: JsonObject, path: string): readonly FieldError[] {
  const properties = objectAt(raw, 'properties');
  const minProperties = numberAt(raw, 'minProperties');
  const maxProperties = numberAt(raw, 'maxProperties');
  const count = Object.keys(object).length;
  const missing = listAt(raw, 'required')
    .map(asText)
    .filter((key) => object[key] === undefined)
    .map((key) => required(fieldPath(path, key)));
  return [
    ...(maxProperties !== undefined && count > maxProperties
      ? [tooMany(path, count, maxProperties)]
      : []),
    ...(minProperties !== undefined && count < minProperties
      ? [invalid(path, count, `${path} in body should have at least ${minProperties} properties`)]
      : []),
    ...missing,
    ...Object.entries(object).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const schema = Object.hasOwn(properties, key) ? properties[key] : raw['additionalProperties'];
      return valueErrors(schema, value, fieldPath(path, key));
    }),
  ];
}

function tooMany(field: string, count: number, limit: number): FieldError {
  return {
    type: 'Invalid',
    field,
    message: `Too many: ${count}: must have at most ${limit} items`,
  };
}
