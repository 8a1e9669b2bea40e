import type { SearchAddon } from '@xterm/addon-search';

/** What is looked for. */
export interface SearchQuery {
  readonly text: string;
  readonly isCaseSensitive: boolean;
  readonly isPattern: boolean;
}

/** How many places were found, and which of them is shown, from 0; -1 when there are too many to count. */
export interface SearchResult {
  readonly index: number;
  readonly count: number;
}

const COLOURS = {
  matchBackground: '#ffe9a8',
  matchOverviewRuler: '#e0b050',
  activeMatchBackground: '#ffb347',
  activeMatchColorOverviewRuler: '#ffb000',
};

/** Looks for text in a terminal's output. */
export class ScreenSearch {
  readonly #addon: SearchAddon;

  constructor(addon: SearchAddon) {
    this.#addon = addon;
  }

  /** @returns false when nothing was found, or the pattern is none */
  find(query: SearchQuery, direction: 'next' | 'previous'): boolean {
    if (query.text === '' || (query.isPattern && !isPattern(query.text))) {
      this.#addon.clearDecorations();
      return false;
    }
    const options = {
      caseSensitive: query.isCaseSensitive,
      regex: query.isPattern,
      decorations: COLOURS,
    };
    return direction === 'next'
      ? this.#addon.findNext(query.text, options)
      : this.#addon.findPrevious(query.text, options);
  }

  onResult(listener: (result: SearchResult) => void): () => void {
    const subscription = this.#addon.onDidChangeResults(({ resultIndex, resultCount }) =>
      listener({ index: resultIndex, count: resultCount }),
    );
    return () => subscription.dispose();
  }

  end(): void {
    this.#addon.clearDecorations();
  }
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
