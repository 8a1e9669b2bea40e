import type { IncomingHttpHeaders } from 'node:http2';

import { HttpHeaders } from './http.ts';

/** Headers that concern one connection alone (RFC 9110, section 7.6.1) and have no place in HTTP/2 (RFC 9113, section 8.2.2). */
export const HOP_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** What came in HTTP/1.1, names and values by turns; without Host and what concerns the connection alone. */
export function headersOfHttp1(rawHeaders: readonly string[]): HttpHeaders {
  const headers = new HttpHeaders();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (name !== 'host' && !HOP_HEADERS.has(name))
      headers.append(name, rawHeaders[index + 1] ?? '');
  }
  return headers;
}

/** What came in HTTP/2, without pseudo-headers. */
export function headersOfHttp2(received: IncomingHttpHeaders): HttpHeaders {
  const headers = new HttpHeaders();
  for (const [name, value] of Object.entries(received)) {
    if (name.startsWith(':') || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  return headers;
}
