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

const HEX_DIGITS = '0123456789abcdef';

/** A version 4 UUID of the given randomness. */
export function makeUid(random: () => number): string {
  // One is made for every request: text that grows is cheaper here than a list that is joined.
  let text = '';
  for (let index = 0; index < 32; index++) {
    text += HEX_DIGITS.charAt(Math.floor(random() * HEX_DIGITS.length));
  }
  const variant = '89ab'.charAt(Math.floor(random() * 4));
  const [first, second] = [text.slice(0, 8), text.slice(8, 12)];
  return `${first}-${second}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}
