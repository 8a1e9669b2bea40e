import { isList, isObject } from '../kinds/json.ts';

/** Letters and digits that make no words (upstream: util/rand, SafeEncodeString). */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * What tells two pod templates apart in the names of ReplicaSets and revisions: FNV-1a over the template's JSON, its
 * decimal digits spelt in the safe alphabet, 8 to 10 characters. Templates that mean the same give the same;
 * `collisions` counts how often the result was taken by another template.
 */
export function templateHash(template: unknown, collisions = 0): string {
  const text = meaningOf(template) + (collisions > 0 ? String(collisions) : '');
  let hash = 0x811c_9dc5;
  for (const byte of Buffer.from(text)) {
    hash = Math.imul(hash ^ byte, 0x0100_0193) >>> 0;
  }
  const digits = String(hash).padStart(8, '0');
  return digits.replaceAll(/[0-9]/g, (digit) => SAFE[digit.charCodeAt(0) % SAFE.length] ?? '');
}

/** Whether two templates mean the same: a rollout would change nothing. */
export function isSameTemplate(left: unknown, right: unknown): boolean {
  return meaningOf(left) === meaningOf(right);
}

/**
 * The template as text, keys in order. What is null or empty is left out, as upstream's semantic equality sees no
 * difference there: kubectl writes `resources: {}` and `creationTimestamp: null` in some commands and not in others.
 */
function meaningOf(template: unknown): string {
  return JSON.stringify(template, (_key, item: unknown) => {
    if (!isObject(item)) return item;
    const told = Object.entries(item).filter(([, value]) => !isEmpty(value));
    return Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isEmpty(value: unknown): boolean {
  if (isList(value)) return value.length === 0;
  if (isObject(value)) return Object.values(value).every(isEmpty);
  return value === null || value === undefined;
}
