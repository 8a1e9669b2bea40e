import { createHash } from 'node:crypto';

import { answer, answerJson, type Asked, type Handler, problem } from './asked.ts';
import { toPlace } from './statuses.ts';

const BASIC: readonly [string, string] = ['www-authenticate', 'Basic realm="Fake Realm"'];

export const basicAuth: Handler = (asked) => {
  const { user, authorized } = basic(asked);
  return answerJson({ authorized, user }, authorized ? {} : { status: 401, headers: [BASIC] });
};

/** As /basic-auth, but without saying that there is something to sign in to. */
export const hiddenBasicAuth: Handler = (asked) => {
  const { user, authorized } = basic(asked);
  return authorized ? answerJson({ authorized, user }) : problem(404);
};

export const bearer: Handler = ({ request }) => {
  const words = (request.headers.get('authorization') ?? '').trim().split(/\s+/);
  const [scheme, token] = words;
  if (words.length !== 2 || scheme !== 'Bearer') {
    return problem(401, undefined, [['www-authenticate', 'Bearer']]);
  }
  return answerJson({ authenticated: true, token });
};

/** Digest authentication (RFC 7616) with MD5 or SHA-256. */
export const digestAuth: Handler = ({ parts, request, context }) => {
  const [qop = '', user = '', password = '', written = 'MD5'] = parts;
  const algorithm = written.toUpperCase();
  if (qop.toLowerCase() !== 'auth') {
    return problem(400, `invalid QOP directive: ${JSON.stringify(qop)} != "auth"`);
  }
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') {
    return problem(400, `invalid algorithm: ${algorithm} must be one of MD5 or SHA-256`);
  }
  const given = digestFields(request.headers.get('authorization') ?? '');
  const hash = (...words: readonly (string | undefined)[]) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(words.join(':'))
      .digest('hex');
  const expected = hash(
    hash(user, given.get('realm'), password),
    given.get('nonce'),
    given.get('nc'),
    given.get('cnonce'),
    given.get('qop'),
    hash(request.method, given.get('uri')),
  );
  if (given.get('username') === user && given.get('response') === expected) {
    return answerJson({ authorized: true, user });
  }
  const nonce = hash(String(context.random()));
  const challenge = `Digest qop="auth", realm="go-httpbin", algorithm=${algorithm}, nonce="${nonce}", opaque="${hash(nonce)}"`;
  return problem(401, undefined, [['www-authenticate', challenge]]);
};

function digestFields(header: string): ReadonlyMap<string, string> {
  const fields = header.startsWith('Digest ')
    ? header.matchAll(/(\w+)=(?:"([^"]*)"|([^",\s]+))/g)
    : [];
  return new Map([...fields].map(([, name = '', quoted, plain = '']) => [name, quoted ?? plain]));
}

function basic({ parts, request }: Asked) {
  const [, coded] = /^Basic (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  const given = coded === undefined ? '' : Buffer.from(coded, 'base64').toString();
  const colon = given.indexOf(':');
  const user = colon < 0 ? '' : given.slice(0, colon);
  const password = colon < 0 ? '' : given.slice(colon + 1);
  return { user, authorized: user === parts[0] && password === parts[1] };
}

export const cookies: Handler = ({ request }) => {
  const pairs = (request.headers.get('cookie') ?? '').split(/;\s*/).flatMap((text) => {
    const sign = text.indexOf('=');
    return sign < 1 ? [] : [[text.slice(0, sign), text.slice(sign + 1)] as const];
  });
  const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return answerJson(Object.fromEntries(sorted));
};

export const setCookies: Handler = ({ query }) =>
  withCookies([...query.keys()].map((name) => `${name}=${query.get(name) ?? ''}; HttpOnly`));

export const deleteCookies: Handler = ({ query, context }) => {
  const yearAgo = new Date(context.clock.now() - 365 * 86_400_000).toUTCString();
  return withCookies(
    [...query.keys()].map(
      (name) => `${name}=${query.get(name) ?? ''}; Expires=${yearAgo}; Max-Age=0; HttpOnly`,
    ),
  );
};

function withCookies(values: readonly string[]) {
  const safe = values.filter((value) => /^[^\r\n\0]+$/.test(value));
  if (safe.length === 0) return toPlace('/cookies');
  return answer('', {
    status: 302,
    headers: [
      ...safe.map((value) => ['set-cookie', value] as const),
      ['location', '/cookies'] as const,
    ],
  });
}
