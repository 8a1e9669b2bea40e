import { fieldPath, isList, isObject, isSame } from '../../json.ts';
import type { Json } from '../../object.ts';

/** What differs between two specs, one line a value with `-` and `+`, as upstream adds it to its refusal. */
export function podSpecDifference(before: Json, after: Json): string {
  return differences(before, after, '')
    .map(([path, old, now]) =>
      [line('-', path, old), line('+', path, now)].filter((text) => text !== '').join('\n'),
    )
    .join('\n');
}

type Difference = readonly [path: string, before: Json | undefined, after: Json | undefined];

function differences(
  before: Json | undefined,
  after: Json | undefined,
  path: string,
): readonly Difference[] {
  if (isSame(before, after)) return [];
  if (isList(before) && isList(after) && before.length === after.length) {
    return before.flatMap((item, i) => differences(item, after[i], `${path}[${i}]`));
  }
  if (!isObject(before) || !isObject(after)) return [[path, before, after]];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differences(before[key], after[key], fieldPath(path, key)));
}

function line(sign: string, path: string, value: Json | undefined): string {
  return value === undefined ? '' : `${sign} ${path}: ${JSON.stringify(value)}`;
}
