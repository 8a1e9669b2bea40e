import type { HttpRequest } from '../../../../net/http.ts';
import type { JwtRule } from '../../../istio/security.ts';
import { TOKENS_LIMIT } from '../limits.ts';

/** A token as it stands in a request, and the request without it. */
export interface FoundToken {
  readonly text: string;
  readonly without: (request: HttpRequest) => HttpRequest;
}

type Look = (request: HttpRequest) => readonly FoundToken[];

/**
 * Where a rule's tokens are looked for: in the headers, parameters and cookies that it names, or else in `Authorization: Bearer` and the
 * parameter `access_token` (https://istio.io/latest/docs/reference/config/security/jwt/#JWTRule).
 */
export function tokenLocations({
  fromHeaders = [],
  fromParams = [],
  fromCookies = [],
}: JwtRule): Look {
  const isDefault = fromHeaders.length + fromParams.length + fromCookies.length === 0;
  const headers = isDefault ? [{ name: 'Authorization', prefix: 'Bearer ' }] : fromHeaders;
  const parameters = isDefault ? ['access_token'] : fromParams;
  const looks: readonly Look[] = [
    ...headers.map(({ name = '', prefix = '' }) => inHeader(name.toLowerCase(), prefix)),
    ...parameters.map(inParameter),
    ...fromCookies.map(inCookie),
  ];
  return (request) => looks.flatMap((look) => look(request)).slice(0, TOKENS_LIMIT);
}

function inHeader(name: string, prefix: string): Look {
  const without = (request: HttpRequest): HttpRequest => {
    const headers = request.headers.clone();
    headers.delete(name);
    return { ...request, headers };
  };
  return ({ headers }) => {
    const value = headers.get(name);
    const at = value?.indexOf(prefix) ?? -1;
    if (value === undefined || at < 0) return [];
    const text = prefix === '' ? value : (TOKEN.exec(value.slice(at + prefix.length))?.[0] ?? '');
    return text === '' ? [] : [{ text, without }];
  };
}

/** After a prefix Envoy takes what can be a token, and stops at anything else. */
const TOKEN = /[\w.=-]+/;

function inParameter(name: string): Look {
  const without = (request: HttpRequest): HttpRequest => {
    const [path = '', query = ''] = split(request.path, '?');
    const rest = query.split('&').filter((pair) => split(pair, '=')[0] !== name);
    return { ...request, path: rest.length > 0 ? `${path}?${rest.join('&')}` : path };
  };
  return ({ path }) => {
    const at = path.indexOf('?');
    if (at < 0) return [];
    const text = new URLSearchParams(path.slice(at + 1)).get(name) ?? '';
    return text === '' ? [] : [{ text, without }];
  };
}

/** Cookies stay in the request, whatever the rule says of forwarding. */
function inCookie(name: string): Look {
  return ({ headers }) => {
    for (const pair of (headers.get('cookie') ?? '').split(';')) {
      const [key = '', value = ''] = split(pair.trim(), '=');
      const text = value.replaceAll(/^"|"$/g, '');
      if (key === name && text !== '') return [{ text, without: (request) => request }];
    }
    return [];
  };
}

function split(text: string, by: string): readonly string[] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
