/** How many URLs one pattern may stand for. */
const PATTERN_LIMIT_URLS = 10_000;

/** The URLs that a pattern with `[1-3]`, `[a-c]` or `{x,y}` stands for, in curl's order (curl manual, "Globbing"). */
export function expandUrl(pattern: string): readonly string[] {
  const match = /\[(\d+)-(\d+)(?::(\d+))?\]|\[([a-z])-([a-z])\]|\{([^{}]*)\}/i.exec(pattern);
  if (!match) return [pattern];
  const before = pattern.slice(0, match.index);
  const after = expandUrl(pattern.slice(match.index + match[0].length));
  const words = wordsOf(match);
  return words
    .flatMap((word) => after.map((rest) => `${before}${word}${rest}`))
    .slice(0, PATTERN_LIMIT_URLS);
}

function wordsOf([, from, to, step, first, last, list]: RegExpExecArray): readonly string[] {
  if (list !== undefined) return list.split(',');
  const isNumber = from !== undefined;
  const start = isNumber ? Number(from) : (first?.charCodeAt(0) ?? 0);
  const end = Math.min(
    isNumber ? Number(to) : (last?.charCodeAt(0) ?? 0),
    start + PATTERN_LIMIT_URLS * Number(step ?? 1),
  );
  const words: string[] = [];
  for (let at = start; at <= end; at += Math.max(1, Number(step ?? 1))) {
    words.push(
      isNumber
        ? String(at).padStart(from.startsWith('0') ? from.length : 0, '0')
        : String.fromCharCode(at),
    );
  }
  return words;
}

/** The URL as curl takes it: `http://` where no scheme is given. Undefined when it is none. */
export function parseUrl(text: string): URL | undefined {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  return URL.canParse(full) ? new URL(full) : undefined;
}

/** Port of a URL, the scheme's own when none is written. */
export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === 'https:' ? 443 : 80));
}

/** Path and query as curl sends them: it leaves quotes as they are, which URL encodes. */
export function requestPath(url: URL): string {
  return `${url.pathname}${url.search.replaceAll('%27', "'")}`;
}
