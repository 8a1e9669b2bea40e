/** The generated data file: JSON Lines, so that each part is parsed only when somebody asks for it. */
import type { Schema } from '../kind.ts';

/** A schema as it is written: like Schema, with a definition's name in place of the definition. */
export type StoredSchema = Omit<
  Schema,
  'type' | 'properties' | 'additionalProperties' | 'items' | 'definition'
> & {
  /** Left out for references. */
  readonly type?: Schema['type'];
  /** Name of the definition that this is a reference to. */
  readonly ref?: string;
  readonly properties?: Readonly<Record<string, StoredSchema>>;
  readonly additionalProperties?: StoredSchema;
  readonly items?: StoredSchema;
};

/** Definitions by full name: `io.k8s.api.core.v1.PodSpec`. */
export type Definitions = Readonly<Record<string, StoredSchema>>;

/** OpenAPI schemas of custom resources by `<group>/<version>/<Kind>`. */
export type CustomSchemas = Readonly<Record<string, CustomSchema>>;

/** What the packages tell of one version of a custom resource, as JSONSchemaProps of apiextensions. */
export type CustomSchema = { readonly [key: string]: unknown };

/** The lines of the file after the first, which is the stamp. */
export const SECTIONS = ['builtin', 'istio', 'gateway'] as const;

export type Section = (typeof SECTIONS)[number];
