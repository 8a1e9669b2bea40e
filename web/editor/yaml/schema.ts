/** What of an OpenAPI v3 schema Kubernetes uses, and the editor reads. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

export type Schemas = Readonly<Record<string, Schema>>;

/** References nested deeper than this lead in a circle. */
const DEPTH = 8;
/** Said to be text, but numbers are taken as well. */
const WITH_NUMBERS = /\.(?:Quantity|IntOrString)$/;

/** Trusted as it comes: the cluster's API server makes it, and a wrong one makes wrong hints, nothing more. */
export function isSchemaMap(value: unknown): value is Schemas {
  return typeof value === 'object' && value !== null;
}

/** The schema itself, where this one refers to it: `$ref`, or `allOf` with one. */
export function resolved(schema: Schema, all: Schemas, depth = 0): Schema {
  if (depth > DEPTH) return {};
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    if (WITH_NUMBERS.test(name)) return {};
    const target = all[name];
    return target ? resolved(target, all, depth + 1) : {};
  }
  const [only, ...others] = schema.allOf ?? [];
  if (only === undefined || others.length > 0) return schema;
  const { description = '' } = schema;
  return { ...resolved(only, all, depth + 1), ...(description !== '' && { description }) };
}

/** The schema of a field; `true` when the field may be there with any value, undefined when it may not. */
export function fieldSchema(schema: Schema, name: string, all: Schemas): Schema | true | undefined {
  const own = schema.properties?.[name];
  if (own) return resolved(own, all);
  const { additionalProperties: others } = schema;
  if (typeof others === 'object') return resolved(others, all);
  const isOpen =
    others === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema.properties === undefined;
  return isOpen ? true : undefined;
}
