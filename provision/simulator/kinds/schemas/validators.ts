/**
 * Reads JSON schemas back out of the validators that ajv compiled from them: one function a schema, which names its
 * keywords in the errors it makes and calls the functions of the schemas below it.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** JSONSchemaProps in the making. */
export interface RawSchema {
  type?: string;
  description?: string;
  properties?: Record<string, RawSchema>;
  required?: string[];
  additionalProperties?: RawSchema;
  items?: RawSchema;
  oneOf?: RawSchema[];
  anyOf?: RawSchema[];
  allOf?: RawSchema[];
  not?: RawSchema;
  [keyword: string]: unknown;
}

/** Texts of a type's fields by path (`spec.hosts`), and of the type itself under the empty path. */
export type Descriptions = ReadonlyMap<string, string>;

/** Gives the descriptions that belong to a validator's file. */
export type Describe = (file: string) => Descriptions;

/** The schema of a validator's file, with descriptions. */
export function readValidator(file: string, describe: Describe): RawSchema {
  const source = readFileSync(file, 'utf8');
  const root = /export const validate=(validate\d+);/.exec(source)?.[1] ?? '';
  return new Reader(file, source, describe).schema(root, '');
}

/** What is called on which part of the data: the value itself, a property, an item, a value of a map. */
const CALL =
  /(validate\d+)\(data(?:\.([\w$]+)|\["([^"]+)"\]|\[(i\d+)\]|\[(key\d+)\])?,\{instancePath[,:]/g;
const KEYWORD =
  /keyword:"(\w+)",params:\{(?:\w+:"(?:<=|>=)",)?(\w*)(?::("(?:[^"\\]|\\.)*"|[\w.]+))?\}/g;
/** Keywords whose parameter is their value. */
const LIMITS = new Set([
  'maxLength',
  'minLength',
  'maximum',
  'minimum',
  'maxItems',
  'minItems',
  'maxProperties',
  'minProperties',
]);

class Reader {
  readonly #file: string;
  readonly #source: string;
  readonly #describe: Describe;
  readonly #functions: ReadonlyMap<string, string>;
  readonly #imports: ReadonlyMap<string, string>;

  constructor(file: string, source: string, describe: Describe) {
    this.#file = file;
    this.#source = source;
    this.#describe = describe;
    const bodies = source.split(/(?=function validate\d+\()/);
    this.#functions = new Map(
      bodies.map((body) => [/^function (validate\d+)/.exec(body)?.[1] ?? '', body]),
    );
    this.#imports = new Map(
      [...source.matchAll(/import\{validate as (validate\d+)\}from"([^"]+)"/g)].map(
        ([, name = '', from = '']) => [name, from],
      ),
    );
  }

  schema(name: string, path: string): RawSchema {
    const imported = this.#imports.get(name);
    if (imported !== undefined) return this.#imported(imported, path);
    const body = this.#functions.get(name) ?? '';
    const schema = this.#keywords(body);
    const description = this.#describe(this.#file).get(path);
    if (description !== undefined && description !== '') schema.description = description;
    this.#addParts(schema, body, path);
    return merged(schema);
  }

  /** Items and values of maps: their fields are documented below the list's path, they themselves are not. */
  #part(name: string, path: string): RawSchema {
    const { description: _ofTheList, ...part } = this.schema(name, path);
    return part;
  }

  #imported(from: string, path: string): RawSchema {
    const file = from.startsWith('.')
      ? join(dirname(this.#file), from)
      : join(dirname(this.#file), '../..', `${from.replace('@kubernetes-models/', '')}.js`);
    // Metadata is the same for all objects and not described by a CRD.
    if (file.endsWith('ObjectMeta.js')) return { type: 'object' };
    const schema = readValidator(file, this.#describe);
    const description = this.#describe(this.#file).get(path);
    return description === undefined || description === '' ? schema : { ...schema, description };
  }

  #keywords(body: string): RawSchema {
    const schema: RawSchema = {};
    for (const [, keyword = '', , value = ''] of body.matchAll(KEYWORD)) {
      if (keyword === 'type' || keyword === 'format' || keyword === 'pattern') {
        schema[keyword] = JSON.parse(value);
      } else if (keyword === 'required') {
        (schema.required ??= []).push(String(JSON.parse(value)));
      } else if (keyword === 'enum') {
        schema['enum'] = this.#constant(value);
      } else if (LIMITS.has(keyword)) {
        schema[keyword] = Number(value);
      }
    }
    return schema;
  }

  #constant(name: string): unknown {
    const text = new RegExp(`\\b${name}=(\\[[^\\]]*\\])`).exec(this.#source)?.[1] ?? '[]';
    return JSON.parse(text);
  }

  #addParts(schema: RawSchema, body: string, path: string): void {
    const combination = /keyword:"(oneOf|anyOf|not)"/.exec(body)?.[1];
    for (const [, name = '', field, quoted, item, key] of body.matchAll(CALL)) {
      const property = field ?? quoted;
      if (property !== undefined) {
        const below = path === '' ? property : `${path}.${property}`;
        (schema.properties ??= {})[property] = this.schema(name, below);
      } else if (item !== undefined) schema.items = this.#part(name, path);
      else if (key !== undefined) schema.additionalProperties = this.#part(name, path);
      else addCombined(schema, combination ?? 'allOf', this.schema(name, `${path}.`));
    }
  }
}

function addCombined(schema: RawSchema, combination: string, part: RawSchema): void {
  if (combination === 'not') schema.not = part;
  else if (combination === 'oneOf' || combination === 'anyOf')
    (schema[combination] ??= []).push(part);
  else (schema.allOf ??= []).push(part);
}

/** A schema with the parts of its allOf taken in where they agree, and int-or-string as Kubernetes marks it. */
function merged(schema: RawSchema): RawSchema {
  const { anyOf, allOf = [], ...rest } = schema;
  const types = anyOf?.map(({ type }) => type).toSorted();
  if (types?.join() === 'integer,string') {
    return { ...rest, ...(anyOf && { anyOf }), 'x-kubernetes-int-or-string': true };
  }
  const whole: RawSchema = { ...rest, ...(anyOf && { anyOf }) };
  const left = allOf.filter((part) => !isTakenIn(whole, part));
  return left.length === 0 ? withFreedom(whole) : { ...whole, allOf: left };
}

/** Adds `part` to `whole` unless they contradict each other. */
function isTakenIn(whole: RawSchema, part: RawSchema): boolean {
  const { description, properties, required, ...others } = part;
  const contradicts = Object.entries(others).some(
    ([key, value]) => key in whole && JSON.stringify(whole[key]) !== JSON.stringify(value),
  );
  if (contradicts) return false;
  Object.assign(whole, others);
  if (description !== undefined) whole.description ??= description;
  if (properties) whole.properties = { ...properties, ...whole.properties };
  if (required) whole.required = [...new Set([...(whole.required ?? []), ...required])];
  return true;
}

/** An object that names no fields takes any. */
function withFreedom(schema: RawSchema): RawSchema {
  const isFree = schema.type === 'object' && !schema.properties && !schema.additionalProperties;
  return isFree ? { ...schema, 'x-kubernetes-preserve-unknown-fields': true } : schema;
}
