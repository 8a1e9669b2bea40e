/** util/intstr of apimachinery: fields such as maxSurge that take `2` or `25%`. */
import type { Json } from '../object.ts';

/**
 * The number that `value` stands for, percentages taken of `total`.
 * Undefined for text that is not a percentage.
 */
export function scaledValue(
  value: number | string,
  total: number,
  rounding: 'up' | 'down',
): number | undefined {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  if (percent === undefined) return undefined;
  const exact = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/** `25` for `25%`; undefined for anything else. */
export function percentOf(text: string): number | undefined {
  return /^[0-9]+%$/.test(text) ? Number(text.slice(0, -1)) : undefined;
}

/** Whether a JSON value can be decoded as IntOrString. */
export function isIntOrString(value: Json | undefined): value is number | string {
  return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
}
