import { changeField, changeItems, objectAt, stringAt, withDefaults } from '../json.ts';
import type { JsonObject } from '../object.ts';

/** Defaults of limit ranges: what a container gets follows from the most and the least it may have. */
export function defaultLimitRange(range: JsonObject): JsonObject {
  return changeField(range, 'spec', (spec) => changeItems(spec, 'limits', defaultItem));
}

function defaultItem(item: JsonObject): JsonObject {
  if (stringAt(item, 'type') !== 'Container') return item;
  const limits = completed(item, 'default', 'max');
  return completed(completed(limits, 'defaultRequest', 'default'), 'defaultRequest', 'min');
}

/** `item` with what stands under `from` as defaults of what stands under `key`. */
function completed(item: JsonObject, key: string, from: string): JsonObject {
  const before = objectAt(item, key);
  const after = withDefaults(before, objectAt(item, from));
  return after === before ? item : { ...item, [key]: after };
}
