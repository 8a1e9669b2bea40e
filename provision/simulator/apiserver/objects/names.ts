/** Letters and digits without vowels and look-alikes, so that no words arise (apimachinery, pkg/util/rand). */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
/** Longest base of a generated name, so that base and suffix fit in 63 characters. */
const BASE_LIMIT_LENGTH = 58;

/** `length` characters that are safe in names. */
export function randomSuffix(random: () => number, length = 5): string {
  let suffix = '';
  while (suffix.length < length) {
    suffix += SAFE_LETTERS.charAt(Math.floor(random() * SAFE_LETTERS.length));
  }
  return suffix;
}

/** A name for metadata.generateName, as upstream's SimpleNameGenerator makes it. */
export function generateName(base: string, random: () => number): string {
  return base.slice(0, BASE_LIMIT_LENGTH) + randomSuffix(random);
}

/** A version 4 UUID of the given randomness. */
export function makeUid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '89ab'.charAt(Math.floor(random() * 4));
  const text = hex.join('');
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20),
  ].join('-');
}
