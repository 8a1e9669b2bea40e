/** Types of expressions and what may be given for what (CEL language definition, "Gradual Type Checking"). */

export type CelType =
  | { readonly kind: 'dyn' }
  /** What has been reported already; fits everywhere, so that one mistake gives one message. */
  | { readonly kind: 'error' }
  | { readonly kind: 'simple'; readonly name: string; readonly isNullable?: boolean }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | {
      readonly kind: 'object';
      readonly name: string;
      /** Undefined for fields that there are not. */
      readonly field: (name: string) => CelType | undefined;
    }
  | { readonly kind: 'optional'; readonly of: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  /** Stands for any one type in a declaration. */
  | { readonly kind: 'param'; readonly name: string };

export const dyn: CelType = { kind: 'dyn' };
export const errorType: CelType = { kind: 'error' };
export const nullType = simple('null');
export const bool = simple('bool');
export const int = simple('int');
export const uint = simple('uint');
export const double = simple('double');
export const string = simple('string');
export const bytes = simple('bytes');
export const timestamp = opaque('timestamp');
export const duration = opaque('duration');

/** Types of the values that JSON schemas call so; others are left out. */
export const SIMPLE_TYPES: Readonly<Record<string, CelType>> = {
  integer: int,
  number: double,
  boolean: bool,
};

function simple(name: string): CelType {
  return { kind: 'simple', name };
}

/** A type known by its name only, such as `net.IP`. */
export function opaque(name: string): CelType {
  return { kind: 'simple', name, isNullable: true };
}

export function listOf(element: CelType): CelType {
  return { kind: 'list', element };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: 'map', key, value };
}

export function optionalOf(of: CelType): CelType {
  return { kind: 'optional', of };
}

/** A type as messages write it: `list(string)`. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case 'dyn':
      return 'dyn';
    case 'error':
      return '!error!';
    case 'simple':
    case 'object':
    case 'param':
      return type.name;
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    case 'type':
      break;
  }
  return `type(${typeText(type.of)})`;
}

export function isLoose(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

/** What the parameters of a declaration stand for in one call. */
export type Bindings = Map<string, CelType>;

/** Whether a value of type `actual` may be given where `wanted` is declared; notes what parameters stand for. */
export function isAssignable(
  wanted: CelType,
  actual: CelType,
  bindings: Bindings = new Map(),
): boolean {
  if (wanted.kind === 'param') return bind(wanted.name, actual, bindings);
  if (isLoose(wanted) || isLoose(actual) || wanted === actual) return true;
  if (actual === nullType && wanted !== nullType) return isNullable(wanted);
  if ('name' in wanted) return isNamesake(wanted, actual);
  const parts = partsOf(wanted);
  const given = partsOf(actual);
  return (
    wanted.kind === actual.kind &&
    parts.every((part, i) => isAssignable(part, given[i] ?? dyn, bindings))
  );
}

function isNamesake(wanted: CelType & { readonly name: string }, actual: CelType): boolean {
  return wanted.kind === actual.kind && 'name' in actual && actual.name === wanted.name;
}

/** The types inside a type; what `type()` gives is not looked into. */
function partsOf(type: CelType): readonly CelType[] {
  if (type.kind === 'list') return [type.element];
  if (type.kind === 'map') return [type.key, type.value];
  return type.kind === 'optional' ? [type.of] : [];
}

function isNullable(type: CelType): boolean {
  return type.kind === 'object' || (type.kind === 'simple' && type.isNullable === true);
}

function bind(name: string, actual: CelType, bindings: Bindings): boolean {
  const bound = bindings.get(name);
  if (bound === undefined) {
    bindings.set(name, actual);
    return true;
  }
  if (isAssignable(bound, actual)) return true;
  if (!isAssignable(actual, bound)) return false;
  bindings.set(name, actual);
  return true;
}

/** A declared type with what its parameters stand for. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'param':
      return bindings.get(type.name) ?? dyn;
    case 'list':
      return listOf(substitute(type.element, bindings));
    case 'map':
      return mapOf(substitute(type.key, bindings), substitute(type.value, bindings));
    case 'optional':
      return optionalOf(substitute(type.of, bindings));
    case 'type':
      return { kind: 'type', of: substitute(type.of, bindings) };
    case 'dyn':
    case 'error':
    case 'simple':
    case 'object':
      break;
  }
  return type;
}

export function isSameType(left: CelType, right: CelType): boolean {
  return typeText(left) === typeText(right);
}
