import type { Asked, Values } from '../go/asked.ts';
import { valuesOf } from '../go/asked.ts';
import { parseMultipart } from '../go/multipart.ts';

/** Headers of proxies that httpbin does not show (httpbin, `ENV_HEADERS`). */
const HIDDEN: ReadonlySet<string> = new Set([
  'X-Varnish',
  'X-Request-Start',
  'X-Heroku-Queue-Depth',
  'X-Real-Ip',
  'X-Forwarded-Proto',
  'X-Forwarded-Protocol',
  'X-Forwarded-Ssl',
  'X-Heroku-Queue-Wait-Time',
  'X-Forwarded-For',
  'X-Heroku-Dynos-In-Use',
  'X-Forwarded-Port',
  'X-Request-Id',
  'Via',
  'Total-Route-Time',
  'Connect-Time',
]);

/** What httpbin tells of a request, by name; `show_env` in the query shows what proxies added, too. */
export function inspect(asked: Asked) {
  const { request, headers, query, args, url, origin } = asked;
  const showsAll = query.has('show_env');
  const shown = Object.entries(headers).filter(([name]) => showsAll || !HIDDEN.has(name));
  return {
    url,
    args: flat(args),
    headers: Object.fromEntries(shown.map(([name, values]) => [name, values.join(',')])),
    origin: request.headers.get('x-forwarded-for') ?? origin.replace(/:\d+$/, ''),
    method: request.method,
    ...bodyOf(asked),
  };
}

function bodyOf({ request }: Asked) {
  const { body } = request;
  const type = request.headers.get('content-type') ?? '';
  const text = Buffer.from(body).toString();
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { data: '', form: flat(valuesOf(new URLSearchParams(text))), files: {}, json: null };
  }
  const parts = type.startsWith('multipart/form-data') ? parseMultipart(body, type) : undefined;
  if (parts) return { data: '', form: flat(parts.form), files: flat(parts.files), json: null };
  const isText = Buffer.from(text).equals(Buffer.from(body));
  const coded = `data:application/octet-stream;base64,${Buffer.from(body).toString('base64')}`;
  return { data: isText ? text : coded, form: {}, files: {}, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A name with one value has that value, one with several a list. */
function flat(values: Values) {
  return Object.fromEntries(
    Object.entries(values).map(([name, list]) => [name, list.length === 1 ? list[0] : list]),
  );
}
