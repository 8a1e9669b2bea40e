/** Memory shared by all clusters of the process, for what depends on a text alone. */
import { REMEMBERED_LIMIT_CHARACTERS, REMEMBERED_LIMIT_ENTRIES } from './limits.ts';

/**
 * The same function, which keeps its results for the next cluster that asks. It has to be pure and its results must not
 * change: learners share them. Long texts are not kept, and a full memory is emptied.
 */
export function remembering<T extends object | string | number | undefined>(
  make: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    const made = make(text);
    if (text.length > REMEMBERED_LIMIT_CHARACTERS) return made;
    if (known.size >= REMEMBERED_LIMIT_ENTRIES) known.clear();
    known.set(text, made);
    return made;
  };
}
