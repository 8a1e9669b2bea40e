/** The schemas of a document: those of its kinds, their lists, and all that these refer to. */
import { isObject, objectAt } from '../json.ts';
import type { Kind, Schema } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { definition, hasDefinition } from '../schemas/load.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Components by name, for `components.schemas`. */
export function componentsOf(kinds: readonly Kind[]): JsonObject {
  const components: Record<string, JsonObject> = {};
  const queue = new Set<string>();
  const refer: Refer = (name) => queue.add(name);
  for (const kind of kinds) {
    const name = componentName(kind);
    const own = kind.schema.raw
      ? customComponent(kind.schema.raw, kind.schema, refer)
      : component(kind.schema, refer);
    components[name] = { ...own, ...kindExtension(kind, kind.kind) };
    if (kind.verbs.includes('list')) {
      components[`${name}List`] = {
        ...listComponent(kind, name, refer),
        ...kindExtension(kind, kind.listKind),
      };
    }
    if (kind.hasScale) refer('io.k8s.api.autoscaling.v1.Scale');
  }
  // What is referred to may refer to more; a set is walked to its last entry, however late it came.
  for (const name of queue) components[name] ??= component(definition(name), refer);
  return components;
}

/** The name that references to the kind use: `io.k8s.api.apps.v1.Deployment`. */
export function componentName(kind: Kind): string {
  return (
    kind.schema.definition ??
    `${kind.group.split('.').toReversed().join('.')}.${kind.version}.${kind.kind}`
  );
}

/** Marks a schema or an operation with the kind it is about. */
function kindExtension({ group, version }: Kind, kind: string): JsonObject {
  return { 'x-kubernetes-group-version-kind': [{ group, kind, version }] };
}

type Refer = (name: string) => void;

/** The schema itself, where references to it point. */
function component(schema: Schema, refer: Refer): JsonObject {
  const { format = '', definition: name = '' } = schema;
  if (FREE_OBJECTS.has(name)) return { description: schema.description, type: 'object' };
  switch (format) {
    case 'quantity':
      return { description: schema.description, oneOf: [{ type: 'string' }, { type: 'number' }] };
    case 'int-or-string':
      return {
        description: schema.description,
        format: 'int-or-string',
        oneOf: [{ type: 'integer' }, { type: 'string' }],
      };
    default:
      return plain(schema, refer);
  }
}

/** Types that upstream describes as objects, whatever they hold. */
const FREE_OBJECTS = new Set([
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
]);

/**
 * The schema of a custom resource as its CustomResourceDefinition has it, completed with what all objects have
 * (apiextensions-apiserver, pkg/controller/openapi/builder).
 */
function customComponent(raw: JsonObject, schema: Schema, refer: Refer): JsonObject {
  const whole = withEmbeddedTypes(raw, refer);
  const own = typeProperties(schema.properties ?? {}, refer);
  return { ...whole, type: 'object', properties: { ...objectAt(whole, 'properties'), ...own } };
}

function typeProperties(
  { apiVersion, kind, metadata }: Readonly<Record<string, Schema>>,
  refer: Refer,
): JsonObject {
  return {
    ...(apiVersion && { apiVersion: plain(apiVersion, refer) }),
    ...(kind && { kind: plain(kind, refer) }),
    ...(metadata && { metadata: inPlace(metadata, refer) }),
  };
}

/** JSONSchemaProps in which objects of any kind have the fields that all have. */
function withEmbeddedTypes(raw: JsonObject, refer: Refer): JsonObject {
  const changed: Record<string, Json> = {};
  for (const key of ['items', 'additionalProperties']) {
    const below = raw[key];
    if (isObject(below)) changed[key] = withEmbeddedTypes(below, refer);
  }
  const { properties } = raw;
  if (isObject(properties)) {
    changed['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        isObject(property) ? withEmbeddedTypes(property, refer) : property,
      ]),
    );
  }
  if (raw['x-kubernetes-embedded-resource'] === true) {
    const pod = definition('io.k8s.api.core.v1.Pod').properties ?? {};
    changed['properties'] = {
      ...objectAt(changed['properties']),
      ...typeProperties(pod, refer),
    };
  }
  return Object.keys(changed).length === 0 ? raw : { ...raw, ...changed };
}

/** A schema in its place: a reference when it has a name, else written out. */
function inPlace(schema: Schema, refer: Refer): JsonObject {
  if (schema.definition === undefined) return plain(schema, refer);
  refer(schema.definition);
  // What the definition says of itself is said there.
  const isOwn = schema.description !== definition(schema.definition).description;
  return {
    ...(isOwn && schema.description !== undefined && { description: schema.description }),
    ...(schema.default !== undefined && { default: schema.default }),
    allOf: [{ $ref: `#/components/schemas/${schema.definition}` }],
    // What the reference says about merging overrules the type: a granular claimRef of an atomic ObjectReference.
    ...(schema.mapType === 'granular' && { 'x-kubernetes-map-type': 'granular' }),
  };
}

function plain(schema: Schema, refer: Refer): JsonObject {
  return {
    ...(schema.description !== undefined && { description: schema.description }),
    ...typeOf(schema),
    ...(schema.enum && { enum: schema.enum }),
    ...(schema.default !== undefined && { default: schema.default }),
    ...(schema.pattern !== undefined && { pattern: schema.pattern }),
    ...(schema.minimum !== undefined && { minimum: schema.minimum }),
    ...(schema.maximum !== undefined && { maximum: schema.maximum }),
    ...(schema.items && { items: inPlace(schema.items, refer) }),
    ...(schema.additionalProperties && {
      additionalProperties: inPlace(schema.additionalProperties, refer),
    }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, property]) => [
          name,
          inPlace(property, refer),
        ]),
      ),
    }),
    ...(schema.required && { required: schema.required }),
    ...mergeExtensions(schema),
  };
}

function typeOf({ type, format }: Schema): JsonObject {
  if (type === 'any') {
    return format === 'int-or-string' ? { 'x-kubernetes-int-or-string': true } : {};
  }
  const shown = format === 'date-time-micro' ? 'date-time' : format;
  return { type, ...(shown !== undefined && shown !== '' && { format: shown }) };
}

function mergeExtensions(schema: Schema): JsonObject {
  return {
    ...(schema.mergeKey !== undefined && { 'x-kubernetes-patch-merge-key': schema.mergeKey }),
    ...(schema.mergeStrategy && {
      'x-kubernetes-patch-strategy': schema.mergeStrategy.join(','),
    }),
    ...(schema.listType && { 'x-kubernetes-list-type': schema.listType }),
    ...(schema.listMapKeys && { 'x-kubernetes-list-map-keys': schema.listMapKeys }),
    ...(schema.mapType && { 'x-kubernetes-map-type': schema.mapType }),
    ...(schema.preservesUnknownFields === true && {
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  };
}

function listComponent(kind: Kind, name: string, refer: Refer): JsonObject {
  if (hasDefinition(`${name}List`)) return component(definition(`${name}List`), refer);
  const { apiVersion, kind: kindField } = definition('io.k8s.api.core.v1.Pod').properties ?? {};
  refer(`${META}.ListMeta`);
  return {
    description: `${kind.listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      ...(apiVersion && { apiVersion: plain(apiVersion, refer) }),
      ...(kindField && { kind: plain(kindField, refer) }),
      metadata: {
        description:
          'Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
        allOf: [{ $ref: `#/components/schemas/${META}.ListMeta` }],
      },
      items: {
        description: `List of ${kind.plural}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md`,
        type: 'array',
        items: { allOf: [{ $ref: `#/components/schemas/${name}` }] },
      },
    },
  };
}
