/** What upstream demands of CustomResourceDefinitions (apiextensions-apiserver, pkg/apis/apiextensions/validation). */
import { asText, isObject, isSame, listAt, objectAt, stringAt } from '../json.ts';
import type { FieldError } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import {
  duplicate,
  immutable,
  invalid,
  invalids,
  oneOf,
  required,
} from '../validation/field-errors.ts';
import { dns1035Problems, subdomainProblems } from '../validation/names.ts';
import { ruleDefinitionErrors } from './rule-definitions.ts';

const SCOPES = ['Cluster', 'Namespaced'];

export function validateCustomResourceDefinition(
  crd: JsonObject,
  old: JsonObject | undefined,
): readonly FieldError[] {
  const spec = objectAt(crd, 'spec');
  const before = objectAt(old, 'spec');
  const group = stringAt(spec, 'group');
  const scope = stringAt(spec, 'scope');
  return [
    ...nameErrors(crd, spec),
    ...groupErrors(group),
    ...oneOf('spec.scope', scope, SCOPES),
    ...namesErrors(objectAt(spec, 'names')),
    ...versionErrors(listAt(spec, 'versions'), listAt(before, 'versions')),
    ...(old
      ? [
          ...immutable('spec.group', group, !isSame(group, before['group'])),
          ...immutable('spec.scope', scope, !isSame(scope, before['scope'])),
          ...immutable(
            'spec.names.plural',
            stringAt(spec, 'names', 'plural'),
            stringAt(spec, 'names', 'plural') !== stringAt(before, 'names', 'plural'),
          ),
        ]
      : []),
  ];
}

function nameErrors(crd: JsonObject, spec: JsonObject): readonly FieldError[] {
  const name = stringAt(crd, 'metadata', 'name');
  const expected = `${stringAt(spec, 'names', 'plural')}.${stringAt(spec, 'group')}`;
  return name === expected
    ? []
    : [invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function groupErrors(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const problems = subdomainProblems(group);
  if (problems.length > 0) return invalids('spec.group', group, problems);
  return group.includes('.')
    ? []
    : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function namesErrors(names: JsonObject): readonly FieldError[] {
  const lower = (key: string) => {
    const text = stringAt(names, key);
    const field = `spec.names.${key}`;
    return text === '' ? [required(field)] : invalids(field, text, dns1035Problems(text));
  };
  const capital = (key: string) => {
    const text = stringAt(names, key);
    const field = `spec.names.${key}`;
    if (text === '') return [required(field)];
    return invalids(field, text, dns1035Problems(text.toLowerCase())).map((error) => ({
      ...error,
      message: error.message.replace(
        'Invalid value: ',
        'Invalid value: may have mixed case, but should otherwise match: ',
      ),
    }));
  };
  return [
    ...lower('plural'),
    ...(stringAt(names, 'singular') === '' ? [] : lower('singular')),
    ...listAt(names, 'shortNames').flatMap((name, i) =>
      invalids(`spec.names.shortNames[${i}]`, name, dns1035Problems(asText(name))),
    ),
    ...capital('kind'),
  ];
}

function versionErrors(versions: readonly Json[], before: readonly Json[]): readonly FieldError[] {
  const names = new Set<string>();
  const stored = versions.filter((version) => isObject(version) && version['storage'] === true);
  const errors = versions.flatMap((version, i) => {
    const name = stringAt(version, 'name');
    const field = `spec.versions[${i}]`;
    const found: FieldError[] = [];
    if (names.has(name)) found.push(duplicate(`${field}.name`, name));
    names.add(name);
    found.push(...invalids(`${field}.name`, name, dns1035Problems(name)));
    if (!isObject(schemaOf(version))) {
      found.push(required(`${field}.schema.openAPIV3Schema`, 'schemas are required'));
    }
    return found;
  });
  const all = [...errors, ...schemasErrors(versions, before)];
  if (stored.length === 1) return all;
  return [
    invalid('spec.versions', versions, 'must have exactly one version marked as storage version'),
    ...all,
  ];
}

function schemaOf(version: Json | undefined): Json | undefined {
  return objectAt(version, 'schema')['openAPIV3Schema'];
}

/** A schema that all versions share is looked at once, under the name it has in upstream's internal version. */
function schemasErrors(versions: readonly Json[], before: readonly Json[]): readonly FieldError[] {
  const [first] = versions;
  const isShared = versions.every((version) => isSame(schemaOf(version), schemaOf(first)));
  const known = before.map(schemaOf);
  return versions.slice(0, isShared ? 1 : undefined).flatMap((version, i) => {
    const schema = schemaOf(version);
    if (!isObject(schema)) return [];
    const place = isShared ? 'spec.validation' : `spec.versions[${i}].schema`;
    const field = `${place}.openAPIV3Schema`;
    const errors = rootErrors(schema, field);
    const isNew = !known.some((old) => isSame(old, schema));
    return errors.length > 0 || !isNew ? errors : ruleDefinitionErrors(schema, field);
  });
}

function rootErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const type = stringAt(schema, 'type');
  if (type === 'object') return structuralErrors(schema, field);
  return type === ''
    ? [required(`${field}.type`, 'must not be empty at the root')]
    : [invalid(`${field}.type`, type, 'must be object at the root')];
}

/** A structural schema gives a type to everything it names (Kubernetes documentation, "Specifying a structural schema"). */
function structuralErrors(schema: JsonObject, field: string): readonly FieldError[] {
  const properties = Object.entries(objectAt(schema, 'properties')).flatMap(([name, property]) =>
    nestedErrors(property, `${field}.properties[${name}]`),
  );
  const { items, additionalProperties } = schema;
  return [
    ...properties,
    ...(isObject(items) ? nestedErrors(items, `${field}.items`) : []),
    ...(isObject(additionalProperties)
      ? nestedErrors(additionalProperties, `${field}.additionalProperties`)
      : []),
    ...(schema['type'] === 'array' && !isObject(items)
      ? [required(`${field}.items`, 'must be specified')]
      : []),
  ];
}

function nestedErrors(schema: Json | undefined, field: string): readonly FieldError[] {
  if (!isObject(schema)) return [];
  const isFree =
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isTyped = stringAt(schema, 'type') !== '' || isFree;
  return [
    ...(isTyped
      ? []
      : [required(`${field}.type`, 'must not be empty for specified object fields')]),
    ...structuralErrors(schema, field),
  ];
}
