/** Text that is not saved yet, kept by the browser tab, so that a reload loses nothing. */
export interface Draft {
  readonly text: string;
  /** Of the file it was made from. */
  readonly version: string;
}

/** A browser gives 5 MiB to all of a site; more unsaved text than this lives only as long as the page. */
const LIMIT_CHARACTERS = 2_000_000;

/** The drafts of one session, by path. */
export class Drafts {
  readonly #key: string;

  constructor(session: string) {
    this.#key = `regatta-drafts-${session}`;
  }

  read(): ReadonlyMap<string, Draft> {
    try {
      const stored: unknown = JSON.parse(sessionStorage.getItem(this.#key) ?? '{}');
      if (typeof stored !== 'object' || stored === null) return new Map();
      return new Map(
        Object.entries(stored).flatMap(([path, value]: [string, unknown]) =>
          isDraft(value) ? [[path, value]] : [],
        ),
      );
    } catch {
      return new Map();
    }
  }

  write(drafts: ReadonlyMap<string, Draft>): void {
    try {
      const text = JSON.stringify(Object.fromEntries(drafts));
      if (drafts.size === 0) sessionStorage.removeItem(this.#key);
      else if (text.length <= LIMIT_CHARACTERS) sessionStorage.setItem(this.#key, text);
    } catch {
      // Storage is full or switched off: the text lives as long as the page.
    }
  }
}

function isDraft(value: unknown): value is Draft {
  return (
    typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    typeof value.text === 'string' &&
    'version' in value &&
    typeof value.version === 'string'
  );
}
