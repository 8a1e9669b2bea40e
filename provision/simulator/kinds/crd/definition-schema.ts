/** The schema of a CustomResourceDefinition's version. */
import { fieldPath, isObject, isSame, isUnset, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { forbidden, invalid } from '../validation/fields/field-errors.ts';
import { applySchemaDefaults } from './defaults.ts';
import { ruleDefinitionErrors } from './rule-definitions.ts';
import { valueErrors } from './schema-errors.ts';
import { keywordErrors } from './schema-keywords.ts';
import { structuralErrors } from './structural-schema.ts';

/** What a new schema has against it; each kind of error is looked for when those before it are absent. */
export function definitionSchemaErrors(
  schema: JsonObject,
  field: string,
  hasStatus: boolean,
): readonly FieldError[] {
  const structural = structuralErrors(schema, field);
  const errors = [
    ...rootErrors(schema, field, hasStatus),
    ...(structural.length > 0 ? structural : defaultErrors(schema, field, 'root')),
    ...keywordErrors(schema, field),
  ];
  return errors.length > 0 ? errors : ruleDefinitionErrors(schema, field);
}

/** Keywords that may stand beside the status, which has a schema of its own, by upstream's names. */
const ROOT_KEYWORDS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const AT_ROOT = new Set(ROOT_KEYWORDS.split(' ').map(jsonName));

function jsonName(name: string): string {
  if (name === 'XPreserveUnknownFields') return 'x-kubernetes-preserve-unknown-fields';
  if (name === 'XValidations') return 'x-kubernetes-validations';
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

function rootErrors(schema: JsonObject, field: string, hasStatus: boolean): readonly FieldError[] {
  const type = stringAt(schema, 'type');
  const isForeign = Object.entries(schema).some(
    ([key, value]) => !isUnset(value) && value !== false && !AT_ROOT.has(key),
  );
  return [
    ...(hasStatus && type !== '' && type !== 'object'
      ? [
          invalid(
            `${field}.type`,
            type,
            'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
          ),
        ]
      : []),
    ...(hasStatus && isForeign
      ? [
          invalid(
            field,
            schema,
            `only [${ROOT_KEYWORDS}] fields are allowed at the root of the schema if the status subresource is enabled`,
          ),
        ]
      : []),
    ...(schema['nullable'] === true
      ? [forbidden(`${field}.nullable`, 'nullable cannot be true at the root')]
      : []),
  ];
}

const META = new Set(['apiVersion', 'kind', 'metadata']);

/** Defaults must be what the schema allows, and none may stand in what all objects have. */
function defaultErrors(schema: Json, field: string, level: 'root' | ''): readonly FieldError[] {
  if (!isObject(schema)) return [];
  return [
    ...(isUnset(schema['default']) ? [] : ownDefaultErrors(schema, schema['default'], field)),
    ...Object.entries(objectAt(schema, 'properties')).flatMap(([name, property]) => {
      const at = `${field}.properties[${name}]`;
      if (level === 'root' && META.has(name)) return metadataDefaults(property, at, name);
      return defaultErrors(property ?? null, at, '');
    }),
    ...['items', 'additionalProperties'].flatMap((key) =>
      defaultErrors(schema[key] ?? null, `${field}.${key}`, ''),
    ),
  ];
}

function metadataDefaults(
  schema: Json | undefined,
  field: string,
  name: string,
): readonly FieldError[] {
  if (!isObject(schema)) return [];
  return [
    ...(isUnset(schema['default'])
      ? []
      : [forbidden(`${field}.default`, `must not be set in top-level ${name}`)]),
    ...Object.entries(objectAt(schema, 'properties')).flatMap(([key, property]) =>
      metadataDefaults(property, `${field}.properties[${key}]`, name),
    ),
  ];
}

function ownDefaultErrors(schema: JsonObject, value: Json, field: string): readonly FieldError[] {
  const at = `${field}.default`;
  const pruned = prune(schema, value);
  if (!isSame(pruned, value)) {
    return [invalid(at, value, 'must be pruned: it has fields that the schema does not know')];
  }
  const complete = isObject(value) ? applySchemaDefaults(schema, value) : value;
  return valueErrors(schema, complete, at);
}

/** A default without the fields that the schema does not know. */
function prune(schema: JsonObject, value: Json): Json {
  if (!isObject(value)) return value;
  const properties = objectAt(schema, 'properties');
  const others = schema['additionalProperties'];
  const isFree = schema['x-kubernetes-preserve-unknown-fields'] === true || others === true;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, below]) => {
      const own = properties[fieldPath('', key)] ?? others;
      if (!isObject(own)) return isFree ? [[key, below]] : [];
      return [[key, below === undefined ? below : prune(own, below)]];
    }),
  );
}
