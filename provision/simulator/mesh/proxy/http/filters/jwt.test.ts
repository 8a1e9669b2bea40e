import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, type KeyObject, sign, constants } from 'node:crypto';
import { test } from 'node:test';

import { FakeClock } from '../../../../fake-clock.ts';
import { asJson, stringAt } from '../../../../kinds/json.ts';
import type { JsonObject } from '../../../../kinds/object.ts';
import { HttpHeaders, type HttpRequest } from '../../../../net/http.ts';
import type { JwtRule } from '../../../istio/security.ts';
import { filterContext, inboundStream } from '../../../testbed/filter-context.ts';
import type { HttpStream } from '../stream.ts';
import { makeJwtFilter } from './jwt.ts';

const ISSUER = 'testing@secure.istio.io';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SECRET = Buffer.from('a secret that both sides know, of the hash’s length');
const clock = new FakeClock();
const NOW_S = Math.floor(clock.now() / 1_000);

function encode(value: JsonObject | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
    'base64url',
  );
}

function jwk(key: KeyObject, more: JsonObject = {}): JsonObject {
  return { ...asJson(key.export({ format: 'jwk' })), ...more };
}

function jwks(...keys: readonly JsonObject[]): string {
  return JSON.stringify({ keys });
}

interface TokenParts {
  readonly key?: KeyObject;
  readonly header?: JsonObject;
  readonly claims?: JsonObject;
}

function token({ key = rsa.privateKey, header = {}, claims = {} }: TokenParts = {}): string {
  const head = { alg: 'RS256', typ: 'JWT', ...header };
  const signed = `${encode(head)}.${encode({ iss: ISSUER, sub: 'me', ...claims })}`;
  const alg = stringAt(head, 'alg');
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
  const signature = alg.startsWith('HS')
    ? createHmac(`sha${alg.slice(2)}`, SECRET)
        .update(signed)
        .digest()
    : sign(hash, Buffer.from(signed), {
        key,
        dsaEncoding: 'ieee-p1363',
        ...(alg.startsWith('PS') && {
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }),
      });
  return `${signed}.${signature.toString('base64url')}`;
}

function streamOf({
  bearer,
  ...request
}: Partial<HttpRequest> & { readonly bearer?: string }): HttpStream {
  const headers = new HttpHeaders(request.headers);
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
  return inboundStream({ ...request, headers });
}

const RULE: JwtRule = { issuer: ISSUER, jwks: jwks(jwk(rsa.publicKey)) };

/** What becomes of a request: `ok`, or status and body. */
async function verdict(stream: HttpStream, rules: readonly JwtRule[] = [RULE]): Promise<string> {
  const filter = makeJwtFilter({ type: 'jwt', rules }, filterContext(clock));
  const answer = await filter.onRequest?.(stream);
  if (!answer) return 'ok';
  return `${answer.response.status} ${Buffer.from(answer.response.body).toString()}`;
}

test('The JWT filter verifies each algorithm that Envoy knows, and refuses the same token of another key', async () => {
  const ec = (['P-256', 'P-384', 'P-521'] as const).map((namedCurve) =>
    generateKeyPairSync('ec', { namedCurve }),
  );
  const ed = generateKeyPairSync('ed25519');
  const secret = { kty: 'oct', k: SECRET.toString('base64url') };
  const cases: readonly (readonly [string, KeyObject, JsonObject])[] = [
    ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map(
      (alg) => [alg, rsa.privateKey, jwk(rsa.publicKey)] as const,
    ),
    ...ec.map(
      (pair, index) =>
        [['ES256', 'ES384', 'ES512'][index] ?? '', pair.privateKey, jwk(pair.publicKey)] as const,
    ),
    ['EdDSA', ed.privateKey, jwk(ed.publicKey)],
    ...['HS256', 'HS384', 'HS512'].map((alg) => [alg, rsa.privateKey, secret] as const),
  ];
  for (const [alg, key, set] of cases) {
    const good = token({ key, header: { alg } });
    const rules = [{ issuer: ISSUER, jwks: jwks(set) }];
    assert.equal(await verdict(streamOf({ bearer: good }), rules), 'ok', alg);
    const [head = '', , signature = ''] = good.split('.');
    const forged = `${head}.${encode({ iss: ISSUER, sub: 'root' })}.${signature}`;
    assert.equal(
      await verdict(streamOf({ bearer: forged }), rules),
      '401 Jwt verification fails',
      alg,
    );
  }
});

test('The JWT filter says what is wrong with a token in the words of Envoy', async () => {
  const claims = (given: JsonObject) => token({ claims: given });
  const cases: readonly (readonly [string, string])[] = [
    [
      'foobar',
      '401 Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections',
    ],
    ['a..b', '401 Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
    ['a.b.c', '401 Jwt header is an invalid Base64url encoded'],
    [`${encode('x')}.b.c`, '401 Jwt header is an invalid JSON'],
    [`${encode({})}.b.c`, '401 Jwt header [alg] field is required and must be a string'],
    [`${encode({ alg: 'none' })}.b.c`, '401 Jwt header [alg] is not supported'],
    [`${encode({ alg: 'RS256', kid: 1 })}.b.c`, '401 Jwt header [kid] field is not a string'],
    [`${encode({ alg: 'RS256' })}.b.c`, '401 Jwt payload is an invalid Base64url encoded'],
    [`${encode({ alg: 'RS256' })}.${encode('[')}.c`, '401 Jwt payload is an invalid JSON'],
    [claims({ iss: 1 }), '401 Jwt payload [iss] field is not a string'],
    [claims({ exp: '1' }), '401 Jwt payload [exp] field is not an integer'],
    [claims({ iat: -1 }), '401 Jwt payload [iat] field is not a positive 64 bit integer'],
    [claims({ aud: [1] }), '401 Jwt payload [aud] field is not a string or string list'],
    [claims({ iss: 'else' }), '401 Jwt issuer is not configured'],
    [claims({ exp: NOW_S - 61 }), '401 Jwt is expired'],
    [claims({ exp: NOW_S - 60 }), 'ok'],
    [claims({ nbf: NOW_S + 61 }), '401 Jwt not yet valid'],
    [claims({ nbf: NOW_S + 60 }), 'ok'],
    [token({ key: other.privateKey }), '401 Jwt verification fails'],
  ];
  for (const [bearer, wanted] of cases) {
    assert.equal(await verdict(streamOf({ bearer })), wanted, bearer);
  }
});

test('The JWT filter chooses keys by kid and alg, and compares audiences without scheme and slash', async () => {
  const keys = jwks(
    jwk(other.publicKey, { kid: 'old' }),
    jwk(rsa.publicKey, { kid: 'new', alg: 'RS256' }),
  );
  const rule = { issuer: ISSUER, jwks: keys };
  const audience = { ...rule, audiences: ['https://books/'] };
  assert.deepEqual(
    [
      await verdict(bearing({ kid: 'new' }), [rule]),
      await verdict(bearing({}), [rule]),
      await verdict(bearing({ kid: 'old' }), [rule]),
      await verdict(bearing({ kid: 'none' }), [rule]),
      await verdict(bearing({ kid: 'new', alg: 'RS512' }), [rule]),
      await verdict(bearing({}), [{ issuer: ISSUER, jwks: '{}' }]),
      await verdict(bearing({}, { aud: ['x', 'http://books'] }), [audience]),
      await verdict(bearing({}, { aud: 'shops' }), [audience]),
      await verdict(bearing({}), [audience]),
    ],
    [
      'ok',
      'ok',
      '401 Jwt verification fails',
      "401 Jwks doesn't have key to match kid or alg from Jwt",
      "401 Jwks doesn't have key to match kid or alg from Jwt",
      "401 Jwks doesn't have any valid public key",
      'ok',
      '403 Audiences in Jwt are not allowed',
      '403 Audiences in Jwt are not allowed',
    ],
  );
});

test('The JWT filter lets requests without a token pass, and takes a good one out of the place where it stood', async () => {
  const good = token();
  const fromHeaders = [{ name: 'x-jwt', prefix: 'jwt ' }];
  assert.deepEqual(
    [
      await seen({}),
      await seen(withHeader('authorization', 'Basic abc')),
      await seen({ bearer: good }),
      await seen({ bearer: good }, { forwardOriginalToken: true }),
      await seen({ path: `/a?b=c&access_token=${good}&d` }),
      await seen(withHeader('x-jwt', `jwt ${good}`), { fromHeaders }),
      await seen({ bearer: good }, { fromHeaders }),
      await seen({ path: `/?t=${good}` }, { fromParams: ['t'] }),
      await seen(withHeader('cookie', `a=b; t=${good}`), { fromCookies: ['t'] }),
    ],
    [
      ['ok', undefined, '/headers', undefined],
      ['ok', undefined, '/headers', 'Basic abc'],
      ['ok', 'me', '/headers', undefined],
      ['ok', 'me', '/headers', `Bearer ${good}`],
      ['ok', 'me', '/a?b=c&d', undefined],
      ['ok', 'me', '/headers', undefined],
      ['ok', undefined, '/headers', `Bearer ${good}`],
      ['ok', 'me', '/', undefined],
      ['ok', 'me', '/headers', `a=b; t=${good}`],
    ],
  );
});

test('The JWT filter hands claims on in headers that nobody else can set', async () => {
  const rule: JwtRule = {
    ...RULE,
    outputPayloadToHeader: 'x-payload',
    outputClaimToHeaders: [
      { header: 'x-sub', claim: 'sub' },
      { header: 'x-deep', claim: 'a.b' },
      { header: 'x-list', claim: 'groups' },
      { header: 'x-none', claim: 'none' },
    ],
  };
  const claims = { a: { b: 7 }, groups: ['x'], scope: 'read write' };
  const forged = ['x-payload', 'x-sub', 'x-none'].map((name) => [name, 'forged'] as const);
  const bearer = token({ claims });
  const stream = streamOf({ bearer, headers: new HttpHeaders(forged) });
  assert.equal(await verdict(stream, [rule]), 'ok');
  assert.deepEqual(
    ['x-payload', 'x-sub', 'x-deep', 'x-list', 'x-none'].map((name) =>
      stream.request.headers.get(name),
    ),
    [bearer.split('.')[1], 'me', '7', encode('["x"]'), undefined],
  );
  assert.deepEqual(stream.token?.payload['scope'], ['read', 'write']);
});

test('Of several rules the first good token counts, and of several mistakes the telling one is told', async () => {
  const second: JwtRule = {
    issuer: 'second',
    jwks: jwks(jwk(other.publicKey)),
    fromHeaders: [{ name: 'x-second' }],
  };
  const shared: JwtRule = { issuer: 'second', jwks: jwks(jwk(other.publicKey)) };
  const of = (bearer: string, more = '') =>
    streamOf({ bearer, ...(more !== '' && { headers: new HttpHeaders([['x-second', more]]) }) });
  const good = token();
  const goodSecond = token({ key: other.privateKey, claims: { iss: 'second' } });
  const late = token({ claims: { iss: 'second', exp: 1 } });
  assert.deepEqual(
    [
      await verdict(of(goodSecond), [RULE, shared]),
      await verdict(of(late), [RULE, shared]),
      await verdict(of(token({ claims: { iss: 'third' } })), [RULE, shared]),
      await verdict(of(good, 'a.b'), [RULE, second]),
      await verdict(of('a.b', goodSecond), [RULE, second]),
      await verdict(streamOf({ headers: new HttpHeaders([['x-second', late]]) }), [RULE, second]),
    ],
    [
      'ok',
      '401 Jwt is expired',
      '401 Jwt issuer is not configured',
      'ok',
      'ok',
      '401 Jwt is expired',
    ],
  );
});

test('A refusal names the URL, and keys that are still being fetched leave the rule out', async () => {
  const filter = [{ ...RULE, jwks: undefined }];
  assert.equal(await verdict(streamOf({ bearer: 'x' }), filter), 'ok');
  const stream = streamOf({ bearer: 'x', path: '/a?b' });
  const answer = await makeJwtFilter(
    { type: 'jwt', rules: [RULE] },
    filterContext(clock),
  ).onRequest?.(stream);
  assert.equal(
    answer?.response.headers.get('www-authenticate'),
    'Bearer realm="http://httpbin:8000/a?b", error="invalid_token"',
  );
  assert.equal(
    answer?.details,
    'jwt_authn_access_denied{Jwt_is_not_in_the_form_of_Header.Payload.Signature_with_two_dots_and_3_sections}',
  );
});

function bearing(header: JsonObject, claims: JsonObject = {}): HttpStream {
  return streamOf({ bearer: token({ header, claims }) });
}

function withHeader(name: string, value: string) {
  return { headers: new HttpHeaders([[name, value]]) };
}

/** What became of a request, and what the application sees of it. */
async function seen(request: Parameters<typeof streamOf>[0], rule: Partial<JwtRule> = {}) {
  const stream = streamOf(request);
  const what = await verdict(stream, [{ ...RULE, ...rule }]);
  const { headers, path } = stream.request;
  return [
    what,
    stream.token?.subject,
    path,
    headers.get('authorization') ?? headers.get('x-jwt') ?? headers.get('cookie'),
  ];
}
