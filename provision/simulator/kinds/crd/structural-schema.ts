/** What a schema must be to be structural (Kubernetes documentation, "Specifying a structural schema"; apiextensions-apiserver, pkg/apiserver/schema). */
import { patternProblem } from '../../pattern.ts';
import {
  asText,
  fieldPath,
  isList,
  isObject,
  isSame,
  listAt,
  objectAt,
  stringAt,
} from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden, invalid, required } from '../validation/fields/field-errors.ts';

/** The errors of a whole schema, sorted as upstream sorts them. */
export function structuralErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const errors = [
    ...invariantErrors(schema, field, 'root'),
    ...completenessErrors(schema, schema, { field, from: field }),
  ];
  return errors.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1));
}

function textOf({ field, message }: FieldError): string {
  return `${field}: ${message}`;
}

type Level = 'root' | 'item' | 'field';

const UNTYPED: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function invariantErrors(schema: JsonObject, field: string, level: Level): readonly FieldError[] {
  const { items, additionalProperties } = schema;
  const hasValues = additionalProperties !== undefined;
  return [
    ...(schema['type'] === 'array' && !isObject(items)
      ? [required(`${field}.items`, 'must be specified')]
      : []),
    ...(isObject(items) ? invariantErrors(items, `${field}.items`, 'item') : []),
    ...Object.entries(objectAt(schema, 'properties')).flatMap(([name, property]) =>
      isObject(property) ? invariantErrors(property, `${field}.properties[${name}]`, 'field') : [],
    ),
    ...(hasValues && level === 'root'
      ? [forbidden(`${field}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...(isObject(additionalProperties)
      ? invariantErrors(additionalProperties, `${field}.additionalProperties`, 'field')
      : []),
    ...extensionErrors(schema, field),
    ...validationErrors(schema, field, skipsIntOrString(schema)),
    ...typeErrors(schema, field, level),
    ...metadataErrors(schema, field, level),
  ];
}

function extensionErrors(schema: JsonObject, field: string): readonly FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((key) => schema[key] === true)
    .map((key) =>
      invalid(`${field}.${key}`, true, 'must be false if x-kubernetes-int-or-string is true'),
    );
}

function typeErrors(schema: JsonObject, field: string, level: Level): readonly FieldError[] {
  const type = stringAt(schema, 'type');
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isFree =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const errors: FieldError[] = [];
  if (isEmbedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${field}.type`, why) : invalid(`${field}.type`, type, why));
  } else if (type === '' && !isFree) errors.push(required(`${field}.type`, UNTYPED[level]));
  if (isEmbedded && schema['additionalProperties'] !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbidden(`${field}.additionalProperties`, why));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(`${field}.type`, type, 'must be object at the root'));
  }
  const hasProperties = Object.keys(objectAt(schema, 'properties')).length > 0;
  if (isEmbedded && !isFree && !hasProperties) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${field}.properties`, why));
  }
  return errors;
}

function metadataErrors(schema: JsonObject, field: string, level: Level): readonly FieldError[] {
  const isObjectItself = level === 'root' || schema['x-kubernetes-embedded-resource'] === true;
  const properties = objectAt(schema, 'properties');
  const { metadata } = properties;
  const typeNames = isObjectItself ? ['kind', 'apiVersion'] : [];
  return [
    ...typeNames
      .filter(
        (name) => isObject(properties[name]) && stringAt(properties, name, 'type') !== 'string',
      )
      .map((name) =>
        invalid(
          `${field}.properties[${name}].type`,
          stringAt(properties, name, 'type'),
          'must be string',
        ),
      ),
    ...(isObject(metadata) && isObjectItself && stringAt(metadata, 'type') !== 'object'
      ? [
          invalid(
            `${field}.properties[metadata].type`,
            stringAt(metadata, 'type'),
            'must be object',
          ),
        ]
      : []),
    ...(isObject(metadata) && level === 'root' && !isPlainMetadata(metadata)
      ? [
          forbidden(
            `${field}.properties[metadata]`,
            'must not specify anything other than name and generateName, but metadata is implicitly specified',
          ),
        ]
      : []),
  ];
}

const METADATA_NAMES = new Set(['name', 'generateName']);

/** Whether metadata says no more than what names look like. */
function isPlainMetadata(metadata: JsonObject): boolean {
  const { type: _type, properties, default: _default, ...rest } = metadata;
  const names = Object.keys(objectAt(properties));
  return names.every((name) => METADATA_NAMES.has(name)) && Object.keys(rest).length === 0;
}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

interface Skips {
  readonly anyOf: boolean;
  readonly firstAllOf: boolean;
}

/** The two forms in which alternatives of types are allowed: those of IntOrString. */
function skipsIntOrString(schema: JsonObject): Skips {
  return {
    anyOf: isSame(schema['anyOf'], INT_OR_STRING),
    firstAllOf: isSame(objectAt(listAt(schema, 'allOf')[0])['anyOf'], INT_OR_STRING),
  };
}

/** Alternatives and the like, which may only restrict what the schema around them says. */
function validationErrors(schema: JsonObject, field: string, skips: Skips): readonly FieldError[] {
  const nested = (key: string) =>
    listAt(schema, key).flatMap((one, i) =>
      nestedErrors(one, `${field}.${key}[${i}]`, {
        anyOf: key === 'allOf' && i === 0 && skips.firstAllOf,
        firstAllOf: false,
      }),
    );
  const pattern = stringAt(schema, 'pattern');
  const problem = patternProblem(pattern);
  return [
    ...(skips.anyOf ? [] : nested('anyOf')),
    ...nested('allOf'),
    ...nested('oneOf'),
    ...nestedErrors(schema['not'], `${field}.not`),
    ...(problem === undefined
      ? []
      : [
          invalid(
            `${field}.pattern`,
            pattern,
            `must be a valid regular expression, but isn't: ${problem}`,
          ),
        ]),
  ];
}

/** Keywords that only the schema itself may have, with upstream's words for them. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  type: 'must be empty to be structural',
  additionalProperties: 'must be undefined to be structural',
  default: 'must be undefined to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  nullable: 'must be false to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
};

function nestedErrors(
  schema: Json | undefined,
  field: string,
  skips: Skips = { anyOf: false, firstAllOf: false },
): readonly FieldError[] {
  if (!isObject(schema)) return [];
  const properties = objectAt(schema, 'properties');
  return [
    ...validationErrors(schema, field, skips),
    ...nestedErrors(schema['items'], `${field}.items`),
    ...Object.entries(properties).flatMap(([name, property]) =>
      nestedErrors(property, `${field}.properties[${name}]`),
    ),
    ...Object.entries(FORBIDDEN)
      .filter(([key]) => isSet(schema[key]))
      .map(([key, why]) => forbidden(fieldPath(field, key), why)),
    ...(isObject(properties['metadata'])
      ? [forbidden(`${field}.properties[metadata]`, 'must not be specified in a nested context')]
      : []),
  ];
}

function isSet(value: Json | undefined): boolean {
  const isEmpty = isList(value) && value.length === 0;
  return value !== undefined && value !== null && value !== false && value !== '' && !isEmpty;
}

/** Where a restriction stands, and the part of the schema that it is about. */
interface Place {
  readonly field: string;
  readonly from: string;
}

/** What alternatives speak of must be there outside of them. */
function completenessErrors(
  validation: Json | undefined,
  schema: Json | undefined,
  { field, from }: Place,
): readonly FieldError[] {
  if (!isObject(validation)) return [];
  const nested = (one: Json | undefined, at: string) =>
    nestedCompleteness(one, schema, { field, from: `${from}.${at}` });
  return [
    ...nested(validation['not'], 'not'),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((key) =>
      listAt(validation, key).flatMap((one, i) => nested(one, `${key}[${i}]`)),
    ),
  ];
}

function nestedCompleteness(
  validation: Json | undefined,
  schema: Json | undefined,
  { field, from }: Place,
): readonly FieldError[] {
  if (!isObject(validation)) return [];
  if (!isObject(schema)) return [required(field, `because it is defined in ${from}`)];
  const properties = objectAt(schema, 'properties');
  return [
    ...completenessErrors(validation, schema, { field, from }),
    ...nestedCompleteness(validation['items'], schema['items'], {
      field: `${field}.items`,
      from: `${from}.items`,
    }),
    ...Object.entries(objectAt(validation, 'properties')).flatMap(([name, one]) =>
      nestedCompleteness(one, properties[asText(name)], {
        field: `${field}.properties[${name}]`,
        from: `${from}.properties[${name}]`,
      }),
    ),
  ];
}
