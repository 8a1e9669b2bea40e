/** How schemas of custom resources and the objects they describe appear in expressions (Kubernetes documentation, "Validation rules"). */
import { asText, isList, isObject, listAt, objectAt, stringAt } from '../json.ts';
import type { Json, JsonObject } from '../object.ts';
import { boundOf, type Bound } from './cost/bounds.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import * as types from './type.ts';
import type { CelType } from './type.ts';
import { CelList, type CelMap, type CelValue, type ListType } from './value.ts';

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** A field's name as expressions write it; undefined when there is no way to write it. */
function escapeField(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_.\-/]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replaceAll(/__|[.\-/]/g, (part) => ESCAPES[part] ?? part);
}

function unescapeField(name: string): string {
  const word = /^__(.+)__$/.exec(name)?.[1];
  if (word !== undefined && RESERVED.has(word)) return word;
  return name.replaceAll(/__(underscores|dot|dash|slash)__/g, (whole) => {
    const found = Object.entries(ESCAPES).find(([, escaped]) => escaped === whole);
    return found ? found[0] : whole;
  });
}

/** How large a value of the schema can be. */
export function schemaBound(schema: JsonObject): Bound {
  return boundOf(schema, unescapeField);
}

const knownTypes = new WeakMap<JsonObject, CelType | 'none'>();

/** The type of what a schema describes; undefined for what rules cannot see, such as fields without a type. */
export function schemaType(schema: Json | undefined, name = 'selfType'): CelType | undefined {
  if (!isObject(schema)) return undefined;
  const known = knownTypes.get(schema);
  if (known !== undefined) return known === 'none' ? undefined : known;
  const type = newType(isEmbedded(schema) ? withObjectFields(schema) : schema, name);
  knownTypes.set(schema, type ?? 'none');
  return type;
}

const BY_FORMAT: Readonly<Record<string, CelType>> = {
  byte: types.bytes,
  duration: types.duration,
  date: types.timestamp,
  'date-time': types.timestamp,
};

function newType(schema: JsonObject, name: string): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return types.dyn;
  switch (stringAt(schema, 'type')) {
    case 'string':
      return BY_FORMAT[stringAt(schema, 'format')] ?? types.string;
    case 'integer':
      return types.int;
    case 'number':
      return types.double;
    case 'boolean':
      return types.bool;
    case 'dyn':
      return types.dyn;
    case 'array': {
      const element = schemaType(schema['items'], `${name}.@idx`);
      return element && types.listOf(element);
    }
    case 'object':
      return objectType(schema, name);
    default:
      return undefined;
  }
}

function objectType(schema: JsonObject, name: string): CelType | undefined {
  const { additionalProperties } = schema;
  if (isObject(additionalProperties)) {
    const value = schemaType(additionalProperties, `${name}.@prop`);
    return value && types.mapOf(types.string, value);
  }
  const properties = objectAt(schema, 'properties');
  return {
    kind: 'object',
    name,
    field(escaped) {
      const property = hasPlainNames(schema) ? escaped : unescapeField(escaped);
      const isEscaped = hasPlainNames(schema) || escapeField(property) === escaped;
      if (!Object.hasOwn(properties, property) || !isEscaped) return undefined;
      return schemaType(properties[property], `${name}.${property}`);
    },
  };
}

/** Marks the schema of an object whose fields are named as they are, as those of upstream's own variables. */
export const PLAIN_NAMES = 'plain-names';

function hasPlainNames(schema: JsonObject): boolean {
  return schema[PLAIN_NAMES] === true;
}

const metadataSchema: JsonObject = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};
/** Whether a field holds a whole object, with kind and metadata. */
function isEmbedded(schema: JsonObject): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

const knownRoots = new WeakMap<JsonObject, JsonObject>();

/** The schema of a whole object: with apiVersion, kind and the two fields of metadata that rules may read. */
export function withObjectFields(schema: JsonObject): JsonObject {
  const known = knownRoots.get(schema);
  if (known) return known;
  const root = {
    ...schema,
    properties: {
      ...objectAt(schema, 'properties'),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: metadataSchema,
    },
  };
  knownRoots.set(schema, root);
  return root;
}

/** A JSON value as expressions see it; without a schema everything is as JSON has it. */
export function toValue(json: Json, schema?: Json): CelValue {
  if (json === null || typeof json === 'boolean') return json;
  const raw = isObject(schema) && schema['type'] !== 'dyn' ? schema : undefined;
  if (typeof json === 'number') return numberValue(json, raw);
  if (typeof json === 'string') return textValue(json, raw);
  if (isList(json)) {
    return new CelList(
      json.map((item) => toValue(item, raw?.['items'])),
      raw && listTypeOf(raw),
    );
  }
  return new JsonMap(json, raw && isEmbedded(raw) ? withObjectFields(raw) : raw);
}

function numberValue(json: number, schema: JsonObject | undefined): CelValue {
  return schema?.['type'] !== 'number' && Number.isSafeInteger(json) ? BigInt(json) : json;
}

function textValue(json: string, schema: JsonObject | undefined): CelValue {
  if (schema?.['type'] !== 'string') return json;
  switch (stringAt(schema, 'format')) {
    case 'byte':
      return Buffer.from(json, 'base64');
    case 'duration':
      return parseDuration(json) ?? json;
    case 'date':
      return parseTimestamp(`${json}T00:00:00Z`) ?? json;
    case 'date-time':
      return parseTimestamp(json) ?? json;
    default:
      return json;
  }
}

function listTypeOf(schema: JsonObject): ListType | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return { type };
  const keys = listAt(schema, 'x-kubernetes-list-map-keys').map(asText);
  return type === 'map' ? { type, keys } : undefined;
}

/** An object of the API; its parts become values when somebody looks. */
class JsonMap implements CelMap {
  readonly isMap = true;
  readonly #json: JsonObject;
  readonly #schema: JsonObject | undefined;
  readonly #made = new Map<string, CelValue>();

  constructor(json: JsonObject, schema: JsonObject | undefined) {
    this.#json = json;
    this.#schema = schema;
  }

  /** Objects with named fields are written with escaped names, maps with their keys as they are. */
  get #hasFields() {
    const schema = this.#schema;
    return (
      schema !== undefined && !isObject(schema['additionalProperties']) && !hasPlainNames(schema)
    );
  }

  get size() {
    return this.keys().length;
  }

  keys() {
    const names = Object.keys(this.#json).filter((key) => this.#json[key] !== undefined);
    return this.#hasFields ? names.map((name) => escapeField(name) ?? name) : names;
  }

  get(key: CelValue) {
    if (typeof key !== 'string') return undefined;
    const made = this.#made.get(key);
    if (made !== undefined) return made;
    const name = this.#hasFields ? unescapeField(key) : key;
    const json = Object.hasOwn(this.#json, name) ? this.#json[name] : undefined;
    if (json === undefined) return undefined;
    const value = toValue(json, this.#schemaOf(name));
    this.#made.set(key, value);
    return value;
  }

  #schemaOf(name: string): Json | undefined {
    const properties = objectAt(this.#schema, 'properties');
    return Object.hasOwn(properties, name)
      ? properties[name]
      : this.#schema?.['additionalProperties'];
  }
}
