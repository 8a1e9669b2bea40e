/** Makes CustomResourceDefinitions out of short descriptions and the schemas of the data file. */
import type { NewObject } from '../../client/client.ts';
import { trustSchema } from '../crd/trusted-schemas.ts';
import type { Json, JsonObject } from '../object.ts';

export interface DefinitionOptions {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced?: boolean;
  /** Served versions; objects are stored in `storage`, which is the first unless said otherwise. */
  readonly versions: readonly string[];
  readonly storage?: string;
  readonly columns?: readonly JsonObject[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** JSONSchemaProps, the same for all versions. */
  readonly schema: JsonObject;
}

/** What tells the kinds of one project apart. */
export type KindOptions = Omit<
  DefinitionOptions,
  'group' | 'categories' | 'labels' | 'annotations' | 'schema'
>;

/** The CustomResourceDefinition, with a status subresource in every version. */
export function customResourceDefinition(options: DefinitionOptions): NewObject {
  const { group, kind, plural, columns, labels, annotations, schema, versions } = options;
  const storage = options.storage ?? versions[0];
  trustSchema(schema);
  return frozen({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    spec: {
      group,
      names: {
        categories: options.categories,
        kind,
        listKind: `${kind}List`,
        plural,
        ...(options.shortNames && { shortNames: options.shortNames }),
        singular: kind.toLowerCase(),
      },
      scope: options.isNamespaced === false ? 'Cluster' : 'Namespaced',
      versions: versions.map((name) => ({
        ...(columns && { additionalPrinterColumns: columns }),
        name,
        schema: { openAPIV3Schema: schema },
        served: true,
        storage: name === storage,
        subresources: { status: {} },
      })),
    },
  });
}

/** A declared column with text. */
export function textColumn(name: string, jsonPath: string, description: string): JsonObject {
  return { description, jsonPath, name, type: 'string' };
}

/** A declared column that kubectl shows with `-o wide` only. */
export function wideTextColumn(name: string, jsonPath: string, description: string): JsonObject {
  return { ...textColumn(name, jsonPath, description), priority: 1 };
}

/** The declared column Age. */
export const declaredAge: JsonObject = {
  description: 'Time since the object was created',
  jsonPath: '.metadata.creationTimestamp',
  name: 'Age',
  type: 'date',
};

// Clusters share the definitions and their schemas: nobody may change them for all.
function frozen<T extends object>(value: T): T {
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null && !Object.isFrozen(item)) frozen(item);
  }
  return Object.freeze(value);
}

/** A schema of the data file as JSON. */
export function schemaJson(schema: object | undefined): JsonObject {
  const json: Record<string, Json> = {};
  return schema ? Object.assign(json, schema) : json;
}
