import type { Resource } from '../client/client.ts';
import type { Json, JsonObject, KubeObject } from './object.ts';

/** One served resource: built in (a file under `kinds/`) or made from a CustomResourceDefinition. */
export interface Kind extends Resource {
  /** Whether it comes from a CustomResourceDefinition: unknown fields and wrong types are worded differently. */
  readonly isCustom?: boolean;
  /** What everybody is told who uses this version, which is going away. */
  readonly deprecation?: string;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  /** `all` makes `kubectl get all` show it. */
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
  readonly schema: Schema;
  readonly columns: readonly Column[];
  /** Conditions of a table row (meta/v1 TableRowCondition): `Completed` for a finished pod. */
  readonly rowConditions?: (object: KubeObject) => readonly JsonObject[];
  /** The order of a table's rows, for the few kinds that upstream does not print in the order of names. */
  readonly rowOrder?: (one: KubeObject, other: KubeObject) => number;
  /** Field selectors beyond metadata.name and metadata.namespace: path to value. */
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
  /** Completes a new or changed object as upstream's defaulting does. */
  readonly applyDefaults: (object: KubeObject) => KubeObject;
  /** What is wrong with the object beyond its shape; `old` is there for updates (immutable fields). */
  readonly validate: (object: KubeObject, old: KubeObject | undefined) => readonly FieldError[];
  /** What is said, for Warning headers, of an object that `validate` has just let pass. */
  readonly warnings?: (object: KubeObject) => readonly string[];
}

/** A structural schema, resolved: references are followed lazily by the getters behind these fields. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'any';
  /** `int32`, `int64`, `double`, `byte`, `date-time`, `int-or-string`, `quantity` … */
  readonly format?: string;
  readonly description?: string;
  /** Name of the definition, for OpenAPI: `io.k8s.api.core.v1.PodSpec`. */
  readonly definition?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Map values. */
  readonly additionalProperties?: Schema;
  /** List items. */
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly preservesUnknownFields?: boolean;
  /** Strategic merge patch: the field that tells list items apart (reference: API conventions, patchMergeKey). */
  readonly mergeKey?: string;
  readonly mergeStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[];
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  /** `atomic`: server-side apply owns the struct or map as a whole. Default granular. */
  readonly mapType?: 'atomic' | 'granular';
  readonly default?: Json;
  /** Of the root of a custom resource: the JSONSchemaProps that it was made from. */
  readonly raw?: JsonObject;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A column of a server-side table (meta/v1 TableColumnDefinition) and how its cell is made. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name` on the name column. */
  readonly format?: string;
  readonly description: string;
  /** 0 always shown, 1 only with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: (object: KubeObject, nowMs: number) => Json;
}

/** One entry of field.ErrorList in apimachinery: `spec.replicas: Invalid value: -1: must be …`. */
export interface FieldError {
  readonly field: string;
  readonly type:
    | 'Required'
    | 'Invalid'
    | 'NotSupported'
    | 'Duplicate'
    | 'Forbidden'
    | 'TooLong'
    | 'TypeInvalid';
  /** The whole text after `field: `, as Kubernetes words it: `Required value`, `Invalid value: "x": must be …`. */
  readonly message: string;
}

/** What strict decoding finds: `unknown field "spec.foo"`, `duplicate field "spec.replicas"`. */
export interface DecodingProblem {
  readonly message: string;
}
