import { isObject, listAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';

/** A message, and whether it applies. */
export type Finding = readonly [applies: boolean, message: string];

/** The messages that apply. */
export function problems(...findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(([applies, message]) => (applies ? [message] : []));
}

/** The objects in a list; none for what is no list. */
export function asObjects(value: Json | undefined): readonly JsonObject[] {
  return listAt(value).filter(isObject);
}

/** The first value that comes twice. */
export function firstDouble(values: readonly (Json | undefined)[]): string | undefined {
  const seen = new Set<Json | undefined>();
  const double = values.find((value) => {
    const isKnown = seen.has(value);
    seen.add(value);
    return isKnown;
  });
  return typeof double === 'string' || typeof double === 'number' ? String(double) : undefined;
}

/** Whether something is a port number. */
export function isPort(value: Json | undefined): boolean {
  return typeof value === 'number' && value >= 1 && value <= 65_535;
}
