/** A typing mistake has at most this many letters wrong. */
const MOST_EDITS = 2;

/** The name that was probably meant; undefined when none is near. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  const near = names
    .map((one) => ({ one, edits: edits(folded, one.toLowerCase()) }))
    .filter((candidate) => candidate.edits <= Math.min(MOST_EDITS, Math.floor(name.length / 2)))
    .toSorted((left, right) => left.edits - right.edits);
  return near[0]?.one;
}

/** Letters to put in, take out or replace (Levenshtein). */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
