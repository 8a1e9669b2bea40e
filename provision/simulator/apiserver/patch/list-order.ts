import type { Json } from '../../kinds/object.ts';
import { isObject, isSame } from '../objects/json.ts';

/** A merged list, split by whether the patch names the item. */
export interface Partition {
  readonly named: readonly Json[];
  readonly others: readonly Json[];
}

/** Splits `list` into what `order` names (by `mergeKey` for objects) and what it does not. */
export function partition(
  list: readonly Json[],
  order: readonly Json[],
  mergeKey?: string,
): Partition {
  const isNamed = (item: Json) => indexIn(order, item, mergeKey) >= 0;
  return { named: list.filter(isNamed), others: list.filter((item) => !isNamed(item)) };
}

/**
 * One list again: named items in the patch's order, the others in the order they had. Another item comes before a
 * named one only when it stood before it in the old list, as upstream does: new items of a patch therefore come first.
 */
export function inOrder(
  { named, others }: Partition,
  order: readonly Json[],
  old: readonly Json[],
  mergeKey?: string,
): readonly Json[] {
  const left = sortedBy(others, old, mergeKey);
  const right = sortedBy(named, order, mergeKey);
  const result: Json[] = [];
  while (left.length > 0 && right.length > 0) {
    const leftIndex = indexIn(old, left[0], mergeKey);
    const rightIndex = indexIn(old, right[0], mergeKey);
    const isLeftFirst = leftIndex >= 0 && rightIndex >= 0 && leftIndex < rightIndex;
    result.push(...(isLeftFirst ? left : right).splice(0, 1));
  }
  return [...result, ...left, ...right];
}

function sortedBy(items: readonly Json[], order: readonly Json[], mergeKey?: string): Json[] {
  return items.toSorted(
    (left, right) => indexIn(order, left, mergeKey) - indexIn(order, right, mergeKey),
  );
}

function indexIn(list: readonly Json[], item: Json | undefined, mergeKey?: string): number {
  const key = identity(item, mergeKey);
  return list.findIndex((other) => isSame(identity(other, mergeKey), key));
}

function identity(item: Json | undefined, mergeKey: string | undefined): Json | undefined {
  return mergeKey !== undefined && isObject(item) ? item[mergeKey] : item;
}
