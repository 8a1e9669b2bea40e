/** Declares functions and operators: what they are called with, what they give, and how. */
import * as types from './type.ts';
import type { CelType } from './type.ts';
import {
  CelList,
  CelOptional,
  Duration,
  isMap,
  Timestamp,
  TypeValue,
  Uint,
  type CelMap,
  type CelValue,
} from './value.ts';

/** A type in a declaration and how its values are told from others. */
export interface Param<T extends CelValue> {
  readonly type: CelType;
  readonly is: (value: CelValue) => value is T;
}

export interface Overload {
  readonly name: string;
  /** Called as `target.name(…)`; the target is the first argument. */
  readonly isMember: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  /** Undefined when the values are not what is declared. */
  readonly run: (args: readonly CelValue[]) => CelValue | undefined;
}

export const bool = param(types.bool, (value) => typeof value === 'boolean');
export const int = param(types.int, (value) => typeof value === 'bigint');
export const double = param(types.double, (value) => typeof value === 'number');
export const uint = param(types.uint, (value) => value instanceof Uint);
export const string = param(types.string, (value) => typeof value === 'string');
export const bytes = param(types.bytes, (value) => value instanceof Uint8Array);
export const timestamp = param(types.timestamp, (value) => value instanceof Timestamp);
export const duration = param(types.duration, (value) => value instanceof Duration);
export const dyn = param(types.dyn, isAny);
export const typeOfAny = param<TypeValue>(
  { kind: 'type', of: types.dyn },
  (value) => value instanceof TypeValue,
);

function isAny(value: CelValue): value is CelValue {
  return value !== undefined;
}

/** Any one type, the same wherever the name is the same. */
export function any(name: string): Param<CelValue> {
  return param({ kind: 'param', name }, isAny);
}

export function list(element: Param<CelValue> | CelType): Param<CelList> {
  const of = 'type' in element ? element.type : element;
  return param<CelList>(types.listOf(of), (value) => value instanceof CelList);
}

export function map(key: Param<CelValue>, value: Param<CelValue>): Param<CelMap> {
  return param<CelMap>(types.mapOf(key.type, value.type), isMap);
}

export function optional(of: Param<CelValue>): Param<CelOptional> {
  return param<CelOptional>(types.optionalOf(of.type), (value) => value instanceof CelOptional);
}

/** A parameter of a library's own type. */
export function param<T extends CelValue>(
  type: CelType,
  is: (value: CelValue) => value is T,
): Param<T> {
  return { type, is };
}

type Params<T extends readonly CelValue[]> = { readonly [K in keyof T]: Param<T[K]> };

/** `name(…)`. */
export function fn<T extends readonly CelValue[]>(
  name: string,
  params: readonly [...Params<T>],
  result: { readonly type: CelType },
  run: (...args: NoInfer<T>) => CelValue,
): Overload {
  return overload(name, params, result.type, run);
}

/** `target.name(…)`; the first parameter is the target. */
export function method<T extends readonly CelValue[]>(
  name: string,
  params: readonly [...Params<T>],
  result: { readonly type: CelType },
  run: (...args: NoInfer<T>) => CelValue,
): Overload {
  return { ...overload(name, params, result.type, run), isMember: true };
}

function overload<T extends readonly CelValue[]>(
  name: string,
  params: readonly [...Params<T>],
  result: CelType,
  run: (...args: NoInfer<T>) => CelValue,
): Overload {
  const declared: readonly Param<CelValue>[] = params;
  const isFitting = (args: readonly CelValue[]): args is T =>
    args.length === declared.length &&
    declared.every((one, i) => {
      const arg = args[i];
      return arg !== undefined && one.is(arg);
    });
  return {
    name,
    isMember: false,
    args: declared.map(({ type }) => type),
    result,
    run: (args) => (isFitting(args) ? run(...args) : undefined),
  };
}
