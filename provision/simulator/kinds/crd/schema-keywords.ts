/** Which keywords a schema of a custom resource may use, and how (apiextensions-apiserver, ValidateCustomResourceDefinitionOpenAPISchema). */
import { isObject, isUnset, listAt, objectAt, stringAt, stringsAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden, invalid, notSupported, required } from '../validation/fields/field-errors.ts';

const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];
const UNSUPPORTED = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
];

/** The errors of a schema and of all below it. */
export function keywordErrors(schema: JsonObject, field: string): readonly FieldError[] {
  return [
    ...plainErrors(schema, field),
    ...belowErrors(schema, field),
    ...mapTypeErrors(schema, field),
    ...listTypeErrors(schema, field),
  ];
}

function plainErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const type = stringAt(schema, 'type');
  const hasProperties = Object.keys(objectAt(schema, 'properties')).length > 0;
  const values = schema['additionalProperties'];
  return [
    ...(type === '' || TYPES.includes(type) ? [] : [notSupported(`${field}.type`, type, TYPES)]),
    ...UNSUPPORTED.filter((key) => !isUnset(schema[key])).map((key) =>
      forbidden(`${field}.${key}`, `${key} is not supported`),
    ),
    ...(type === 'null'
      ? [forbidden(`${field}.type`, 'type cannot be set to null, use nullable as an alternative')]
      : []),
    ...(schema['uniqueItems'] === true
      ? [
          forbidden(
            `${field}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...(hasProperties && !isUnset(values) && values !== true
      ? [
          forbidden(
            `${field}.additionalProperties`,
            'additionalProperties and properties are mutual exclusive',
          ),
        ]
      : []),
    ...(schema['x-kubernetes-preserve-unknown-fields'] === false
      ? [
          invalid(
            `${field}.x-kubernetes-preserve-unknown-fields`,
            false,
            'must be true or undefined',
          ),
        ]
      : []),
  ];
}

function belowErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const one = (value: Json | undefined, at: string) =>
    isObject(value) ? keywordErrors(value, `${field}.${at}`) : [];
  return [
    ...one(schema['additionalProperties'], 'additionalProperties'),
    ...Object.entries(objectAt(schema, 'properties')).flatMap(([name, property]) =>
      one(property, `properties[${name}]`),
    ),
    ...one(schema['not'], 'not'),
    ...['allOf', 'oneOf', 'anyOf'].flatMap((key) =>
      listAt(schema, key).flatMap((value, i) => one(value, `${key}[${i}]`)),
    ),
    ...one(schema['items'], 'items'),
  ];
}

/** An extension of the type of a schema that must be of a type itself. */
function ownerErrors(
  schema: JsonObject,
  field: string,
  {
    key,
    type,
    names,
  }: { readonly key: string; readonly type: string; readonly names: readonly string[] },
): readonly FieldError[] {
  const value = schema[key];
  if (isUnset(value)) return [];
  const actual = stringAt(schema, 'type');
  const why = `must be ${type} if ${key} is specified`;
  const typeErrors =
    actual === ''
      ? [required(`${field}.type`, why)]
      : actual === type
        ? []
        : [invalid(`${field}.type`, actual, why)];
  const isKnown = typeof value === 'string' && names.includes(value);
  return [...typeErrors, ...(isKnown ? [] : [notSupported(`${field}.${key}`, value, names)])];
}

const MAP_TYPE = {
  key: 'x-kubernetes-map-type',
  type: 'object',
  names: ['atomic', 'granular'],
} as const;
const LIST_TYPE = {
  key: 'x-kubernetes-list-type',
  type: 'array',
  names: ['atomic', 'set', 'map'],
} as const;
const KEYS = 'x-kubernetes-list-map-keys';

function mapTypeErrors(schema: JsonObject, field: string): readonly FieldError[] {
  return ownerErrors(schema, field, MAP_TYPE);
}

function listTypeErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const type = schema[LIST_TYPE.key];
  const keys = listAt(schema, KEYS);
  const whyMap = `must be map if ${KEYS} is non-empty`;
  return [
    ...ownerErrors(schema, field, LIST_TYPE),
    ...(keys.length > 0 && isUnset(type) ? [required(`${field}.${LIST_TYPE.key}`, whyMap)] : []),
    ...(keys.length > 0 && !isUnset(type) && type !== 'map'
      ? [invalid(`${field}.${LIST_TYPE.key}`, type, whyMap)]
      : []),
    ...(type === 'map' ? keyedListErrors(schema, field) : []),
    ...(type === 'set' ? setErrors(objectAt(schema, 'items'), `${field}.items`) : []),
  ];
}

function setErrors(items: JsonObject, field: string): readonly FieldError[] {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const isOpenMap = items['type'] === 'object' && items[MAP_TYPE.key] !== 'atomic';
  const isOpenList =
    items['type'] === 'array' &&
    !isUnset(items[LIST_TYPE.key]) &&
    items[LIST_TYPE.key] !== 'atomic';
  return [
    ...(isOpenMap ? [invalid(`${field}.${MAP_TYPE.key}`, items[MAP_TYPE.key] ?? null, why)] : []),
    ...(isOpenList ? [invalid(`${field}.${LIST_TYPE.key}`, items[LIST_TYPE.key], why)] : []),
  ];
}

function keyedListErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const keys = stringsAt(schema, KEYS);
  const { items } = schema;
  if (!isObject(items)) {
    const why = 'must have a schema if x-kubernetes-list-type is map';
    return [
      ...(keys.length === 0
        ? [required(`${field}.${KEYS}`, 'must not be empty if x-kubernetes-list-type is map')]
        : []),
      required(`${field}.items`, why),
    ];
  }
  const type = stringAt(items, 'type');
  return [
    ...(keys.length === 0
      ? [required(`${field}.${KEYS}`, 'must not be empty if x-kubernetes-list-type is map')]
      : []),
    ...(type === 'object'
      ? keys.flatMap((key, i) => keyErrors(items, key, { field, keys, i }))
      : [
          invalid(
            `${field}.items.type`,
            type,
            "must be object if parent array's x-kubernetes-list-type is map",
          ),
        ]),
    ...(items['nullable'] === true
      ? [
          forbidden(
            `${field}.items.nullable`,
            'cannot be nullable when x-kubernetes-list-type is map',
          ),
        ]
      : []),
  ];
}

function keyErrors(
  items: JsonObject,
  key: string,
  {
    field,
    keys,
    i,
  }: { readonly field: string; readonly keys: readonly string[]; readonly i: number },
): readonly FieldError[] {
  const property = objectAt(items, 'properties')[key];
  const type = stringAt(property, 'type');
  const isScalar = type !== 'array' && type !== 'object';
  const isGiven =
    listAt(items, 'required').includes(key) || !isUnset(objectAt(property)['default']);
  const at = `${field}.items.properties[${key}]`;
  return [
    ...(isObject(property)
      ? []
      : [invalid(`${field}.${KEYS}`, keys, 'entries must all be names of item properties')]),
    ...(isScalar
      ? []
      : [
          invalid(
            `${at}.type`,
            stringAt(items, 'type'),
            "must be a scalar type if parent array's x-kubernetes-list-type is map",
          ),
        ]),
    ...(keys.indexOf(key) < i
      ? [invalid(`${field}.${KEYS}`, keys, 'must not contain duplicate entries')]
      : []),
    ...(isObject(property) && !isGiven
      ? [
          required(
            `${at}.default`,
            'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
          ),
        ]
      : []),
    ...(isObject(property) && property['nullable'] === true
      ? [
          forbidden(
            `${at}.nullable`,
            'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
          ),
        ]
      : []),
  ];
}
