/** The schemas of the data file, shared by all clusters of the process and made only as far as somebody follows them. */
import { readFileSync } from 'node:fs';

import type { Schema } from '../kind.ts';
import { generateSchemas, SCHEMA_FILE } from './generate.ts';
import type { CustomSchemas, Definitions, Section, StoredSchema } from './stored.ts';
import { SECTIONS } from './stored.ts';

/**
 * The schema behind a definition's full name, for example `io.k8s.api.core.v1.PodSpec`.
 * @throws Error when there is no such definition
 */
export function definition(name: string): Schema {
  const known = schemas.get(name);
  if (known) return known;
  const stored = builtin()[name];
  if (!stored) throw new Error(`Cannot describe ${name}: the schema data has no such definition`);
  const schema = schemaOf({ ...stored, ref: name });
  schemas.set(name, schema);
  return schema;
}

/** Whether there is a definition of that full name. */
export function hasDefinition(name: string): boolean {
  return Object.hasOwn(builtin(), name);
}

/** OpenAPI schemas of custom resources by `<group>/<version>/<Kind>`. */
export function customSchemas(name: 'istio' | 'gateway'): CustomSchemas {
  const custom = section(name);
  return isRecord(custom) ? custom : {};
}

const schemas = new Map<string, Schema>();
const sections = new Map<Section, unknown>();
let lines: readonly string[] | undefined;

function builtin(): Definitions {
  const definitions = section('builtin');
  return isDefinitions(definitions) ? definitions : {};
}

function section(name: Section): unknown {
  if (!sections.has(name)) {
    lines ??= readLines();
    const parsed: unknown = JSON.parse(lines[SECTIONS.indexOf(name) + 1] ?? '{}');
    sections.set(name, parsed);
    if (sections.size === SECTIONS.length) lines = [];
  }
  return sections.get(name);
}

function readLines(): readonly string[] {
  generateSchemas(SCHEMA_FILE);
  return readFileSync(SCHEMA_FILE, 'utf8').split('\n');
}

// The file is our own generator's, of this very version, as its stamp says; so its lines are not examined further.
function isDefinitions(value: unknown): value is Definitions {
  return isRecord(value);
}

function isRecord(value: unknown): value is CustomSchemas {
  return typeof value === 'object' && value !== null;
}

function schemaOf(stored: StoredSchema): Schema {
  const { ref, properties: ownProperties, additionalProperties, items, ...own } = stored;
  const target: StoredSchema = ref === undefined ? {} : (builtin()[ref] ?? {});
  const {
    properties: targetProperties,
    ref: _ref,
    items: _items,
    additionalProperties: _values,
    ...targetOwn
  } = target;
  const properties = ownProperties ?? targetProperties;
  const plain: Schema = {
    ...targetOwn,
    ...own,
    type: own.type ?? target.type ?? ('any' as const),
    ...(ref !== undefined && { definition: ref }),
    ...(items && { items: schemaOf(items) }),
    ...(additionalProperties && { additionalProperties: schemaOf(additionalProperties) }),
  };
  if (!properties) return plain;
  // References of one type to another share its properties, which are made when somebody first looks.
  return Object.defineProperty(plain, 'properties', {
    enumerable: true,
    get: () => propertiesOf(properties),
  });
}

const made = new WeakMap<object, Readonly<Record<string, Schema>>>();

function propertiesOf(
  stored: Readonly<Record<string, StoredSchema>>,
): Readonly<Record<string, Schema>> {
  const known = made.get(stored);
  if (known) return known;
  const properties = Object.fromEntries(
    Object.entries(stored).map(([name, schema]) => [name, schemaOf(schema)]),
  );
  made.set(stored, properties);
  return properties;
}
