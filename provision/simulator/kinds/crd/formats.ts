import { isIPv4, isIPv6 } from 'node:net';

import type { Json } from '../object.ts';

const MAX_INT32 = 2_147_483_647;

/** What is wrong with a value of the given format (kube-openapi, validation/strfmt); undefined when all is well or the format is not checked. */
export function formatProblem(format: string, value: Json): string | undefined {
  if (typeof value === 'number') return numberProblem(format, value);
  if (typeof value !== 'string') return undefined;
  const isFine = TEXT_FORMATS[format]?.(value) ?? true;
  return isFine ? undefined : `must be of type ${format}: ${JSON.stringify(value)}`;
}

function numberProblem(format: string, value: number): string | undefined {
  if (format === 'uint32') {
    return value >= 0 && value <= 2 * MAX_INT32 + 1
      ? undefined
      : `must be of type uint32: "${value}"`;
  }
  if (format !== 'int32') return undefined;
  return Math.abs(value) <= MAX_INT32 ? undefined : `must be of type int32: "${value}"`;
}

const TEXT_FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text),
  duration: (text) => /^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$/.test(text),
  ipv4: (text) => isIPv4(text),
  ipv6: (text) => isIPv6(text),
  uuid: (text) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text),
};
