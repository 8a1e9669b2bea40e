import type { Command } from './command.ts';

/** As far as cobra goes: two letters wrong, or a beginning. */
const MAX_DISTANCE = 2;

/** Commands that `word` may have been meant for. */
export function suggestionsFor(word: string, commands: readonly Command[]): readonly string[] {
  const lower = word.toLowerCase();
  return commands
    .filter(({ isHidden }) => !isHidden)
    .map(({ name }) => name)
    .filter((name) => distance(lower, name) <= MAX_DISTANCE || name.startsWith(lower));
}

/** How many letters must be put in, taken out or changed to turn one word into the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [place, letter] of one.split('').entries()) {
    const next = [place + 1];
    for (const [index, otherLetter] of other.split('').entries()) {
      const changed = (row[index] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
