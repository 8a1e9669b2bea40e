import type { Handler } from './go/asked.ts';

/** Which methods, a path with `{}` for a part of it, and what answers. */
type Row<Methods> = readonly [methods: Methods, pattern: string, handle: Handler];

/** What answers a path, and the parts of the path that the row's `{}` stand for, unescaped. */
interface Fit<Methods> {
  readonly methods: Methods;
  readonly handle: Handler;
  readonly parts: readonly string[];
}

/** Finds what answers a path: of the rows that it fits, the one with the fewest open parts. */
export class RouteTable<Methods> {
  readonly #rows: readonly {
    readonly shape: readonly string[];
    readonly isOpen: boolean;
    readonly row: Row<Methods>;
  }[];

  constructor(rows: readonly Row<Methods>[]) {
    this.#rows = rows
      .map((row) => ({ shape: row[1].split('/'), isOpen: row[1] === '/anything/{}', row }))
      .toSorted((a, b) => openParts(a.shape) - openParts(b.shape));
  }

  /** Undefined when the path fits no row. */
  bestFit(path: string): Fit<Methods> | undefined {
    const words = path.split('/');
    const best = this.#rows.find(({ shape, isOpen }) => {
      // What follows /anything/ may have any number of parts.
      const hasLength = isOpen ? words.length >= shape.length : words.length === shape.length;
      return hasLength && shape.every((part, index) => fits(part, words[index]));
    });
    if (!best) return undefined;
    const [methods, , handle] = best.row;
    const parts = words.filter((_, index) => best.shape[index] === '{}').map(unescaped);
    return { methods, handle, parts };
  }
}

function openParts(shape: readonly string[]): number {
  return shape.filter((part) => part === '{}').length;
}

function fits(part: string, word: string | undefined): boolean {
  return part === '{}' ? word !== '' : part === word;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
