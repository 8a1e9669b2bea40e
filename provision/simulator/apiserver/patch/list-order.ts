import type { Json } from '../../kinds/object.ts';
import { Places } from './places.ts';

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
  const places = new Places(order, mergeKey);
  const isNamed = (item: Json) => places.indexOf(item) >= 0;
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
  const oldPlaces = new Places(old, mergeKey);
  const left = sortedBy(others, oldPlaces);
  const right = sortedBy(named, new Places(order, mergeKey));
  const result: Json[] = [];
  let nextLeft = 0;
  for (const item of right) {
    const index = oldPlaces.indexOf(item);
    while (nextLeft < left.length && isBefore(oldPlaces.indexOf(left[nextLeft]), index)) {
      result.push(...left.slice(nextLeft, nextLeft + 1));
      nextLeft++;
    }
    result.push(item);
  }
  return [...result, ...left.slice(nextLeft)];
}

function isBefore(leftIndex: number, rightIndex: number): boolean {
  return leftIndex >= 0 && rightIndex >= 0 && leftIndex < rightIndex;
}

function sortedBy(items: readonly Json[], places: Places): readonly Json[] {
  return items
    .map((item) => ({ item, index: places.indexOf(item) }))
    .toSorted((left, right) => left.index - right.index)
    .map(({ item }) => item);
}
