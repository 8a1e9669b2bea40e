import { isList, isObject } from '../../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../../kinds/object.ts';

const DURATION = /^(\d+)(?:\.(\d{1,9}))?s$/;

/** A message as protobuf's text format has it on one line: `delay:{percentage:{value:100} fixed_delay:{seconds:7}}`. */
export function protoText(message: JsonObject): string {
  return Object.entries(message)
    .flatMap(([name, value]) => fieldText(snake(name), value))
    .join(' ');
}

function fieldText(name: string, value: Json | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (isList(value)) return value.flatMap((item) => fieldText(name, item));
  if (isObject(value)) return [`${name}:{${protoText(value)}}`];
  if (typeof value !== 'string') return [`${name}:${String(value)}`];
  const [, seconds, fraction] = DURATION.exec(value) ?? [];
  if (seconds === undefined) return [`${name}:${JSON.stringify(value)}`];
  const nanos = Number((fraction ?? '').padEnd(9, '0'));
  const parts = [
    Number(seconds) > 0 ? `seconds:${Number(seconds)}` : '',
    nanos > 0 ? `nanos:${nanos}` : '',
  ].filter((part) => part !== '');
  return [`${name}:{${parts.join(' ')}}`];
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
