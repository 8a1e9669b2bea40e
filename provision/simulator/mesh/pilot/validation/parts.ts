import type { Json, JsonObject } from '../../../kinds/object.ts';

/** A message, and whether it applies. */
export type Finding = readonly [applies: boolean, message: string];

/** The messages that apply. */
export function problems(...findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(([applies, message]) => (applies ? [message] : []));
}

/** The value as an object; an empty one for anything else. */
export function asObject(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function asList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function asObjects(value: Json | undefined): readonly JsonObject[] {
  return asList(value).filter(isObject);
}

/** The value as text; empty for anything else. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The first value that comes twice. */
export function firstDouble(values: readonly (Json | undefined)[]): string | undefined {
  const double = values.find((value, index) => values.indexOf(value) !== index);
  return typeof double === 'string' || typeof double === 'number' ? String(double) : undefined;
}

/** Whether something is a port number. */
export function isPort(value: Json | undefined): boolean {
  return typeof value === 'number' && value >= 1 && value <= 65_535;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
