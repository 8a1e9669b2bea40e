import type { HttpRequest } from '../../net/http.ts';

/** A header's name as Go writes it: `x-request-id` gives `X-Request-Id`. */
export function canonicalHeader(name: string): string {
  return name.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** The headers of a request as Go's servers see them, `Host` among them, sorted by name. */
export function goHeaders({ authority, headers }: HttpRequest): Record<string, string[]> {
  const found = new Map<string, string[]>([['Host', [authority]]]);
  for (const [name, value] of headers) {
    if (name === 'host') continue;
    const key = canonicalHeader(name);
    const values = found.get(key);
    if (values) values.push(value);
    else found.set(key, [value]);
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
