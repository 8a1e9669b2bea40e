import { createHash } from 'node:crypto';

import type { PodTemplate } from '../kinds/types/apps.ts';

/** Letters that make no words, as upstream's rand.SafeEncodeString. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';
const LENGTH = 10;

/** What tells two pod templates apart in the names of ReplicaSets; the same template always gives the same. */
export function templateHash(template: PodTemplate): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(ordered(template)))
    .digest();
  return [...digest.subarray(0, LENGTH)].map((byte) => SAFE[byte % SAFE.length]).join('');
}

/** Keys in order: two spellings of one template are one. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, one]) => [key, ordered(one)]),
  );
}
