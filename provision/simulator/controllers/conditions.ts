import type { Condition } from '../kinds/types/core.ts';

/** A condition before it is known since when it holds. */
export type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * `conditions` with `next` in place of the one of its type, or at the end. The time of transition moves only with the
 * status; the list stays the same object when nothing is new.
 */
export function withCondition(
  conditions: readonly Condition[],
  next: NewCondition & Pick<Condition, 'observedGeneration'>,
  now: string,
): readonly Condition[] {
  const old = conditions.find(({ type }) => type === next.type);
  const isSame =
    old?.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message &&
    old.observedGeneration === next.observedGeneration;
  if (isSame) return conditions;
  const isTurned = old?.status !== next.status;
  const lastTransitionTime = isTurned ? now : (old.lastTransitionTime ?? now);
  return replaceCondition(conditions, { ...next, lastTransitionTime });
}

/** `conditions` with `next` in place of the one of its type, or at the end. */
export function replaceCondition(
  conditions: readonly Condition[],
  next: Condition,
): readonly Condition[] {
  const isKnown = conditions.some(({ type }) => type === next.type);
  if (!isKnown) return [...conditions, next];
  return conditions.map((condition) => (condition.type === next.type ? next : condition));
}

/** `conditions` without the one of `type`; the same list when there is none. */
export function withoutCondition(
  conditions: readonly Condition[],
  type: string,
): readonly Condition[] {
  const rest = conditions.filter((condition) => condition.type !== type);
  return rest.length === conditions.length ? conditions : rest;
}

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
