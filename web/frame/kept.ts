type KeptName = 'locale' | 'theme' | 'split' | 'screen-reader';

/** What this browser kept under a name; nothing where storage is switched off. */
export function readKept(name: KeptName): string | null {
  try {
    return localStorage.getItem(`regatta-${name}`);
  } catch {
    return null;
  }
}

/** Keeps a choice for the next visit; `undefined` forgets it. */
export function writeKept(name: KeptName, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`regatta-${name}`);
    else localStorage.setItem(`regatta-${name}`, value);
  } catch {
    // Storage is full or switched off: the choice holds for this visit only.
  }
}
