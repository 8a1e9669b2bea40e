import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** Cookies of this server begin so: a program in a cluster neither sees nor sets them. */
const OUR_COOKIE = /^\s*(?:__Host-|__Secure-)?regatta_/i;
/** Headers that concern one connection alone (RFC 9110, section 7.6.1). */
const HOP_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];
/** Headers that reach beyond the preview's own host name: the first clears the cookies of all names around it. */
const FAR_REACHING_HEADERS = ['clear-site-data', 'strict-transport-security', 'alt-svc'];

/** The request's headers without our own cookies, which are no business of a program in the cluster. */
export function headersForCluster({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const { cookie, ...passed } = without(headers, HOP_HEADERS);
  const kept = String(cookie ?? '')
    .split(';')
    .filter((pair) => pair.trim() !== '' && !OUR_COOKIE.test(pair))
    .join(';')
    .trim();
  return {
    ...passed,
    ...(kept !== '' && { cookie: kept }),
    // Without one of the two, a body that was sent in chunks would follow bare, and read as another request.
    ...(headers['transfer-encoding'] !== undefined && { 'transfer-encoding': 'chunked' }),
  };
}

/** The answer's headers as far as they concern the preview alone: its cookies are of its own host name, and not ours. */
export function headersForBrowser(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { 'set-cookie': cookies, ...passed } = without(headers, [
    ...HOP_HEADERS,
    ...FAR_REACHING_HEADERS,
  ]);
  const kept = (Array.isArray(cookies) ? cookies : [])
    .filter((cookie) => !OUR_COOKIE.test(cookie))
    .map((cookie) => cookie.replaceAll(/;\s*domain\s*(?:=[^;]*)?(?=;|$)/gi, ''));
  return { ...passed, ...(kept.length > 0 && { 'set-cookie': kept }) };
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
