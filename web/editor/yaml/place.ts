/** Where in a file of objects a word is being typed; found by indentation, since what is being typed seldom parses. */
export interface Place {
  readonly apiVersion: string | undefined;
  readonly kind: string | undefined;
  /** Fields down to the map the word is in; `[]` stands for an item of a list. */
  readonly path: readonly string[];
  /** The field whose value it is; undefined for a field's name. */
  readonly value: string | undefined;
}

interface Line {
  /** Column of the first field: behind the dashes. */
  readonly column: number;
  readonly dashes: readonly number[];
  readonly key: string | undefined;
}

/** undefined in a comment. */
export function placeAt(text: string, position: number): Place | undefined {
  const before = text.slice(0, position);
  const start = Math.max(before.lastIndexOf('\n---') + 1, 0);
  const lines = before.slice(start).split('\n');
  const last = lines.at(-1) ?? '';
  if (/^\s*#|\s#/.test(last)) return undefined;
  const current = lineOf(last);
  const value = /^[\s-]*(?<key>[\w.\-/]+):\s+\S*$/.exec(last)?.groups?.['key'];
  const end = text.indexOf('\n---', position);
  const whole = text.slice(start, end < 0 ? undefined : end);
  return {
    apiVersion: topField(whole, 'apiVersion'),
    kind: topField(whole, 'kind'),
    path: pathTo(lines.slice(0, -1), current),
    value,
  };
}

function pathTo(lines: readonly string[], current: Line): readonly string[] {
  const path: string[] = [];
  let column = current.column;
  // The dashes before the word make it an item of the list above.
  let dashes = [...current.dashes];
  for (const text of lines.toReversed()) {
    if (text.trim() === '' || text.trim().startsWith('#')) continue;
    const line = lineOf(text);
    const dash = dashes.at(-1);
    if (dash !== undefined) {
      // A list may stand at its field's own column.
      if (line.key === undefined || line.column > dash || (line.dashes.at(-1) ?? -1) >= dash)
        continue;
      path.unshift(line.key, '[]');
    } else if (line.column === column && line.dashes.length > 0) {
      dashes = [...line.dashes];
      continue;
    } else if (line.column >= column || line.key === undefined) {
      continue;
    } else {
      path.unshift(line.key);
    }
    column = line.column;
    dashes = [...line.dashes];
  }
  return path;
}

function lineOf(text: string): Line {
  const [lead = ''] = /^(?:\s|- )*/.exec(text) ?? [];
  const dashes = [...lead.matchAll(/-/g)].map(({ index }) => index);
  const key = /^["']?(?<key>[\w.\-/]+)["']?:(?:\s|$)/.exec(text.slice(lead.length))?.groups?.[
    'key'
  ];
  return { column: lead.length, dashes, key };
}

function topField(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*["']?([\\w./-]+)`, 'm').exec(text)?.[1];
}
