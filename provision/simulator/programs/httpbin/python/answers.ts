import type { HttpResponse } from '../../../net/http.ts';
import { answer, type HeaderEntries } from '../go/asked.ts';
import { pythonAscii } from './python-ascii.ts';

/** JSON as Flask's jsonify writes it: sorted names, two spaces of indentation, ASCII only. */
export function flaskJson(value: unknown, headers: HeaderEntries = [], status = 200): HttpResponse {
  const text = pythonAscii(JSON.stringify(sorted(value), null, 2));
  return answer(`${text}\n`, {
    status,
    headers: [['content-type', 'application/json'], ...headers],
  });
}

export const PAGE_TYPE: readonly [string, string] = ['content-type', 'text/html; charset=utf-8'];

/** A page of Werkzeug's about an error. */
export function errorPage(status: number, headers: HeaderEntries = []): HttpResponse {
  const [title = '', text = ''] = ERRORS[status] ?? [];
  return answer(
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n' +
      `<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${text}</p>\n`,
    { status, headers: [['content-type', 'text/html'], ...headers] },
  );
}

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  404: [
    'Not Found',
    'The requested URL was not found on the server.  If you entered the URL manually please check your spelling and try again.',
  ],
  405: ['Method Not Allowed', 'The method is not allowed for the requested URL.'],
};

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
  return Object.fromEntries(
    entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)] as const),
  );
}
