/** Schemas of custom resources as the rest of the simulator reads schemas. */
import { isObject, numberAt, objectAt, stringAt, stringsAt } from '../json.ts';
import type { Schema } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { definition } from '../schemas/load.ts';

/** Schemas by the JSONSchemaProps they were made from, and by name, for versions share these: clusters that share a CRD share its schemas. */
const schemas = new WeakMap<JsonObject, Map<string, Schema>>();

/** The schema of a whole object: that of the CRD, with apiVersion, kind and metadata as all objects have them. */
export function rootSchema(
  raw: JsonObject,
  {
    group,
    version,
    kind,
  }: { readonly group: string; readonly version: string; readonly kind: string },
): Schema {
  const name = `${group.split('.').toReversed().join('.')}.${version}.${kind}`;
  const versions = schemas.get(raw) ?? new Map<string, Schema>();
  schemas.set(raw, versions);
  const known = versions.get(name);
  if (known) return known;
  const { properties = {}, ...rest } = nestedSchema(raw);
  const schema: Schema = {
    ...rest,
    type: 'object',
    raw,
    definition: name,
    properties: { ...properties, ...typeProperties() },
  };
  versions.set(name, schema);
  return schema;
}

/** A schema of JSONSchemaProps; the properties below are made when somebody looks. */
function nestedSchema(raw: Json | undefined): Schema {
  if (!isObject(raw)) return { type: 'any' };
  const { items, additionalProperties } = raw;
  const own: Schema = {
    type: typeOf(raw),
    ...(raw['x-kubernetes-int-or-string'] === true
      ? { format: 'int-or-string' }
      : textField(raw, 'format')),
    ...textField(raw, 'description'),
    ...textField(raw, 'pattern'),
    ...numberField(raw, 'minimum'),
    ...numberField(raw, 'maximum'),
    ...stringsField(raw, 'required'),
    ...stringsField(raw, 'enum'),
    ...(raw['default'] !== undefined && { default: raw['default'] }),
    ...(raw['x-kubernetes-preserve-unknown-fields'] === true && { preservesUnknownFields: true }),
    ...mergeFields(raw),
    ...(isObject(items) && { items: nestedSchema(items) }),
    ...additionalField(additionalProperties),
  };
  if (!isObject(raw['properties'])) return own;
  const properties = raw['properties'];
  let made: Readonly<Record<string, Schema>> | undefined;
  return Object.defineProperty(own, 'properties', {
    enumerable: true,
    get: () => {
      made ??= Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, nestedSchema(property)]),
      );
      return made;
    },
  });
}

/** apiVersion, kind and metadata, in the words that all kinds have for them. */
function typeProperties(): Readonly<Record<string, Schema>> {
  const { apiVersion, kind, metadata } = definition('io.k8s.api.core.v1.Pod').properties ?? {};
  return {
    ...(apiVersion && { apiVersion }),
    ...(kind && { kind }),
    ...(metadata && { metadata }),
  };
}

const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean'] as const;

function typeOf(raw: JsonObject): Schema['type'] {
  if (raw['x-kubernetes-int-or-string'] === true) return 'any';
  return TYPES.find((one) => one === raw['type']) ?? 'any';
}

function additionalField(raw: Json | undefined): Partial<Schema> {
  if (isObject(raw)) return { additionalProperties: nestedSchema(raw) };
  return raw === true ? { additionalProperties: { type: 'any' } } : {};
}

function mergeFields(raw: JsonObject): Partial<Schema> {
  const listType = (['atomic', 'set', 'map'] as const).find(
    (one) => one === raw['x-kubernetes-list-type'],
  );
  const mapType = (['atomic', 'granular'] as const).find(
    (one) => one === raw['x-kubernetes-map-type'],
  );
  const keys = stringsAt(raw, 'x-kubernetes-list-map-keys');
  return {
    ...(listType && { listType }),
    ...(raw['type'] === 'array' && !listType && { listType: 'atomic' }),
    ...(keys.length > 0 && { listMapKeys: keys }),
    ...(mapType && { mapType }),
  };
}

function textField<K extends string>(raw: JsonObject, key: K): { readonly [key in K]?: string } {
  const text = stringAt(raw, key);
  return text === '' ? {} : single(key, text);
}

function numberField<K extends string>(raw: JsonObject, key: K): { readonly [key in K]?: number } {
  const number = numberAt(raw, key);
  return number === undefined ? {} : single(key, number);
}

function stringsField<K extends string>(
  raw: JsonObject,
  key: K,
): { readonly [key in K]?: readonly string[] } {
  const list = stringsAt(raw, key);
  return list.length === 0 ? {} : single(key, list);
}

function single<K extends string, V>(key: K, value: V): { readonly [key in K]?: V } {
  const field: { [key in K]?: V } = {};
  field[key] = value;
  return field;
}

/** The JSONSchemaProps under a property, for those who walk a raw schema beside a value. */
export function propertyOf(raw: JsonObject, name: string): Json | undefined {
  const properties = objectAt(raw, 'properties');
  if (Object.hasOwn(properties, name)) return properties[name];
  return raw['additionalProperties'];
}
