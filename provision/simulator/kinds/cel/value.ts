/** Values of expressions: int is a bigint, double a number; what JavaScript has no value for is a class here. */
import type { CelType } from './type.ts';

export type CelValue =
  | null
  | boolean
  | string
  | number
  | bigint
  | Uint
  | Uint8Array
  | CelList
  | CelMap
  | CelOptional
  | TypeValue
  | Timestamp
  | Duration
  | Opaque;

/** An evaluation that ends with an error, in the words of cel-go: `no such key: x`. */
export class EvaluationError extends Error {}

/** An evaluation that took more than it may; nothing in an expression can catch it. */
export class CostError extends Error {}

export class Uint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** How the items of a list from an object are told apart (`x-kubernetes-list-type`). */
export type ListType =
  | { readonly type: 'set' }
  | { readonly type: 'map'; readonly keys: readonly string[] };

export class CelList {
  readonly items: readonly CelValue[];
  readonly listType: ListType | undefined;
  constructor(items: readonly CelValue[], listType?: ListType) {
    this.items = items;
    this.listType = listType;
  }
}

/** A map or an object. */
export interface CelMap {
  readonly isMap: true;
  readonly size: number;
  keys(): readonly CelValue[];
  /** Undefined when there is no such key. */
  get(key: CelValue): CelValue | undefined;
}

/** A map made by an expression. */
export class LiteralMap implements CelMap {
  readonly isMap = true;
  readonly #entries = new Map<string | bigint | boolean, readonly [CelValue, CelValue]>();

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    for (const [key, value] of entries) {
      const plain = plainKey(key);
      if (plain === undefined) throw new EvaluationError('unsupported key type');
      if (this.#entries.has(plain)) {
        throw new EvaluationError(`Failed with repeated key: ${String(plain)}`);
      }
      this.#entries.set(plain, [key, value]);
    }
  }

  get size() {
    return this.#entries.size;
  }

  keys() {
    return [...this.#entries.values()].map(([key]) => key);
  }

  get(key: CelValue) {
    const plain = plainKey(key);
    return plain === undefined ? undefined : this.#entries.get(plain)?.[1];
  }
}

/** Keys of the same amount are the same, whatever type of number they are. */
function plainKey(key: CelValue): string | bigint | boolean | undefined {
  if (typeof key === 'number') return Number.isInteger(key) ? BigInt(key) : undefined;
  if (key instanceof Uint) return key.value;
  return typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean'
    ? key
    : undefined;
}

export class CelOptional {
  readonly value: CelValue | undefined;
  constructor(value?: CelValue) {
    this.value = value;
  }
}

/** A type as a value, for `type(x) == int`. */
export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export class Timestamp {
  /** Nanoseconds since 1970. */
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A value of a library's own type: only the library's functions look inside. */
export abstract class Opaque {
  abstract readonly type: CelType;
  /** Whether two values are equal for `==`. */
  abstract isEqual(other: Opaque): boolean;
}

export function isMap(value: CelValue): value is CelMap {
  return typeof value === 'object' && value !== null && 'isMap' in value;
}

/** The name of a value's type, as `type()` gives it. */
export function typeName(value: CelValue): string {
  if (value === null) return 'null_type';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'double';
  return typeof value === 'bigint' ? 'int' : objectTypeName(value);
}

function objectTypeName(value: object): string {
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof CelList) return 'list';
  if (value instanceof CelOptional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Opaque && 'name' in value.type) return value.type.name;
  return 'map';
}
