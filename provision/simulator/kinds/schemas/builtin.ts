/** Makes the definitions of Kubernetes' own types from two packages and our tables of merge keys. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Model, ModelField } from './client-node.ts';
import { modelNames, readModel } from './client-node.ts';
import type { Declaration, DeclarationFolder } from './kubernetes-models.ts';
import { declarationFolders, literalsOf, readDeclaration } from './kubernetes-models.ts';
import { ATOMIC_MAPS, ATOMIC_TYPES, GRANULAR_FIELDS, MERGE_RULES } from './merge-keys.ts';
import type { Definitions, StoredSchema } from './stored.ts';

/** Where the packages are. */
export interface PackageFolders {
  /** `dist/gen/models` of @kubernetes/client-node 1.4.0. */
  readonly clientModels: string;
  readonly kubernetesModels: string;
  readonly apimachinery: string;
}

/** Definitions of all stable versions, by full name. */
export function builtinDefinitions(folders: PackageFolders): Definitions {
  const names = modelNames(folders.clientModels).filter((name) => STABLE.test(name));
  const places = new Places(folders);
  const definitions: Record<string, StoredSchema> = scalarDefinitions(folders);
  for (const name of names) {
    const place = places.find(name);
    if (!place) continue;
    const model = readModel(folders.clientModels, name);
    definitions[place.definition] = definitionOf(model, place, places);
  }
  return definitions;
}

/** `V1Pod`, `CoreV1Event`; not `V1alpha1…`. */
const STABLE = /^([A-Z][a-z]+)?V\d+[A-Z]/;

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const RAW_EXTENSION = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
const FIELDS_V1 = 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** Types with a definition of their own that the client's models write as scalars; only Quantity's package has no text. */
const SCALARS: Definitions = {
  [QUANTITY]: {
    type: 'string',
    format: 'quantity',
    description:
      'Amount of a resource: a decimal number with an optional suffix (100m, 128Mi, 1e3).',
  },
  [TIME]: { type: 'string', format: 'date-time' },
  [MICRO_TIME]: { type: 'string', format: 'date-time-micro' },
  [INT_OR_STRING]: { type: 'any', format: 'int-or-string' },
  [RAW_EXTENSION]: { type: 'any' },
  [FIELDS_V1]: { type: 'any' },
  ...Object.fromEntries(
    ['JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray'].map(
      (type) => [`${EXTENSIONS}.${type}`, { type: 'any' as const }],
    ),
  ),
};

/** The scalars with the texts of the package that declares them. */
function scalarDefinitions({
  apimachinery,
  kubernetesModels,
}: PackageFolders): Record<string, StoredSchema> {
  return Object.fromEntries(
    Object.entries(SCALARS).map(([name, schema]) => {
      const folder = name.startsWith(EXTENSIONS)
        ? join(kubernetesModels, 'apiextensions.k8s.io/v1')
        : join(apimachinery, name.split('.').slice(4, -1).join('/'));
      const { description } = readDeclaration({ path: folder }, name.split('.').at(-1) ?? '');
      return [name, description === '' ? schema : { ...schema, description }];
    }),
  );
}

interface Place {
  readonly definition: string;
  readonly group: string;
  readonly type: string;
  readonly declaration: Declaration;
}

/** Finds the full name and the declaration of a model's class. */
class Places {
  readonly #folders: readonly (DeclarationFolder & { readonly types: ReadonlySet<string> })[];
  readonly #known = new Map<string, Place | undefined>();

  constructor({ kubernetesModels, apimachinery }: PackageFolders) {
    this.#folders = declarationFolders(kubernetesModels, apimachinery).map((folder) => ({
      ...folder,
      types: new Set(
        readdirSync(folder.path)
          .filter((file) => file.endsWith('.d.ts'))
          .map((file) => file.slice(0, -'.d.ts'.length)),
      ),
    }));
  }

  find(model: string): Place | undefined {
    if (!this.#known.has(model)) this.#known.set(model, this.#search(model));
    return this.#known.get(model);
  }

  #search(model: string): Place | undefined {
    const [, prefix = '', version = '', type = ''] = /^(\w*?)(V\d+)([A-Z]\w*)$/.exec(model) ?? [];
    const folders = this.#folders.filter(
      (folder) =>
        folder.version === version.toLowerCase() &&
        folder.types.has(type) &&
        (prefix === '' || folder.group === prefix.toLowerCase()),
    );
    // A type that several groups declare has the unprefixed class of the core or meta group.
    const folder = folders.find(({ group }) => group === 'core' || group === 'meta') ?? folders[0];
    if (!folder) return undefined;
    return {
      definition: `${folder.prefix}.${type}`,
      group: folder.group,
      type,
      declaration: readDeclaration(folder, type),
    };
  }
}

function definitionOf(model: Model, place: Place, places: Places): StoredSchema {
  const properties: Record<string, StoredSchema> = {};
  const required: string[] = [];
  for (const field of model.fields) {
    properties[field.name] = propertyOf(field, place, places);
    if (field.isRequired) required.push(field.name);
  }
  const isAtomic = ATOMIC_TYPES.has(`${place.group}.${place.type}`);
  return {
    type: 'object',
    description: place.declaration.description || model.description,
    properties,
    ...(required.length > 0 && { required }),
    ...(isAtomic && { mapType: 'atomic' }),
  };
}

function propertyOf(field: ModelField, place: Place, places: Places): StoredSchema {
  const declared = place.declaration.fields.get(field.name);
  const path = `${place.group}.${place.type}.${field.name}`;
  const schema = typeSchema(field, declared?.type ?? '', places);
  const description = declared?.description || field.description;
  const isAtomicList = schema.type === 'array' && !MERGE_RULES.has(path);
  return {
    ...schema,
    ...(description !== '' && { description }),
    ...(isAtomicList && { listType: 'atomic' }),
    ...(ATOMIC_MAPS.has(path) && { mapType: 'atomic' }),
    ...(GRANULAR_FIELDS.has(path) && { mapType: 'granular' }),
    ...(DEFAULTS[path] !== undefined && { default: DEFAULTS[path] }),
    ...MERGE_RULES.get(path),
  };
}

/** Defaults that server-side apply needs to tell the items of keyed lists apart. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'core.ContainerPort.protocol': 'TCP',
  'core.ServicePort.protocol': 'TCP',
};

function typeSchema(field: ModelField, declared: string, places: Places): StoredSchema {
  const { type, format } = field;
  const items = /^(?:Array|Set)<(.*)>$/.exec(type)?.[1];
  if (items !== undefined) {
    return { type: 'array', items: typeSchema({ ...field, type: items }, declared, places) };
  }
  const values = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (values !== undefined) {
    const inner = typeSchema({ ...field, type: values }, declared, places);
    return { type: 'object', additionalProperties: inner };
  }
  if (type === 'string') return stringSchema(field, declared);
  if (type === 'number') {
    // The client writes all numbers as `number`; only `double` has a fraction.
    return format === 'double' ? { type: 'number', format } : { type: 'integer', format };
  }
  if (type === 'boolean') return { type };
  const scalar = SCALAR_REFERENCES[type];
  if (scalar !== undefined) return { ref: scalar };
  if (type === 'any') return anySchema(field.name, declared);
  const place = places.find(type);
  return place ? { ref: place.definition } : { type: 'object', preservesUnknownFields: true };
}

const SCALAR_REFERENCES: Readonly<Record<string, string>> = {
  Date: TIME,
  V1MicroTime: MICRO_TIME,
  IntOrString: INT_OR_STRING,
  V1JSONSchemaProps: `${EXTENSIONS}.JSONSchemaProps`,
};

function stringSchema({ name, format }: ModelField, declared: string): StoredSchema {
  if (declared.includes('ResourceQuantity')) return { ref: QUANTITY };
  // The package narrows these to the one value that an object of the type has; upstream does not.
  const isTypeName = name === 'apiVersion' || name === 'kind';
  const literals = isTypeName ? undefined : literalsOf(declared);
  return {
    type: 'string',
    ...(format !== '' && { format }),
    ...(literals && { enum: literals }),
  };
}

/** What may hold anything, by the type that the package says it is of. */
function anySchema(name: string, declared: string): StoredSchema {
  if (name === 'fieldsV1') return { ref: FIELDS_V1 };
  if (declared.includes('RawExtension')) return { ref: RAW_EXTENSION };
  const type = /ApiextensionsV1(JSON(?:SchemaPropsOr\w+)?)\b/.exec(declared)?.[1];
  return type === undefined ? { type: 'any' } : { ref: `${EXTENSIONS}.${type}` };
}
