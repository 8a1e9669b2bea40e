/** The schemas of a document: those of its kinds, their lists, and all that these refer to. */
import type { Kind, Schema } from '../kind.ts';
import type { Json, JsonObject } from '../object.ts';
import { definition } from '../schemas/load.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Components by name, for `components.schemas`. */
export function componentsOf(kinds: readonly Kind[]): JsonObject {
  const components: Record<string, JsonObject> = {};
  const queue = new Map<string, Schema>();
  const refer = (schema: Schema): void => {
    const name = schema.definition;
    if (name !== undefined && components[name] === undefined) queue.set(name, schema);
  };
  for (const kind of kinds) {
    const name = componentName(kind);
    components[name] = { ...component(kind.schema, refer), ...kindExtension(kind, kind.kind) };
    if (kind.verbs.includes('list')) {
      components[`${name}List`] = listComponent(kind, name);
      refer(definition(`${META}.ListMeta`));
    }
    if (kind.hasScale) refer(definition('io.k8s.api.autoscaling.v1.Scale'));
  }
  for (const [name, schema] of queue) {
    if (components[name] !== undefined) continue;
    const isBuiltin = name.startsWith('io.k8s.');
    components[name] = component(isBuiltin ? definition(name) : schema, refer);
  }
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

type Refer = (schema: Schema) => void;

/** The schema itself, where references to it point. */
function component(schema: Schema, refer: Refer): JsonObject {
  const { format = '' } = schema;
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

/** A schema in its place: a reference when it has a name, else written out. */
function inPlace(schema: Schema, refer: Refer): JsonObject {
  if (schema.definition === undefined) return plain(schema, refer);
  refer(schema);
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

function listComponent(kind: Kind, name: string): JsonObject {
  const text: Json = { type: 'string' };
  return {
    description: `${kind.listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: text,
      kind: text,
      metadata: { allOf: [{ $ref: `#/components/schemas/${META}.ListMeta` }] },
      items: { type: 'array', items: { allOf: [{ $ref: `#/components/schemas/${name}` }] } },
    },
    ...kindExtension(kind, kind.listKind),
  };
}
