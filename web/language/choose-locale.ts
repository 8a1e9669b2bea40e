import { isLocale } from '#protocol';
import type { Locale } from '#protocol';

/** The language kept from last time, else the first of the browser's that we have, else English. */
export function chooseLocale(
  kept: string | null | undefined,
  preferred: readonly string[],
): Locale {
  if (isLocale(kept)) return kept;
  const known = preferred.map((tag) => tag.toLowerCase().split('-')[0]);
  return known.find(isLocale) ?? 'en';
}
