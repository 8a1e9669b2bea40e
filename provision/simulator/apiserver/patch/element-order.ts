import type { Json } from '../../kinds/object.ts';
import { unexplained } from '../errors.ts';
import { goText } from '../objects/go-text.ts';
import { isObject, isSame } from '../objects/json.ts';

/**
 * Checks that the items of a patch, but for those it deletes, stand in the order that `$setElementOrder` gives.
 * @throws ApiError 500 in upstream's words
 */
export function checkOrder(
  items: readonly Json[],
  order: readonly Json[],
  mergeKey: string | undefined,
): void {
  if (order.length === 0) return;
  const identity = (item: Json) =>
    mergeKey !== undefined && isObject(item) ? (item[mergeKey] ?? null) : item;
  let place = 0;
  for (const item of items) {
    if (isObject(item) && item['$patch'] !== undefined) continue;
    const key = identity(item);
    const found = order.findIndex((one, index) => index >= place && isSame(identity(one), key));
    if (found < 0) {
      throw unexplained(
        `The order in patch list:\n${goText(items)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`,
      );
    }
    place = found + 1;
  }
}
