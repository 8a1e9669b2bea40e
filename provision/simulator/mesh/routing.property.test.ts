import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { HttpHeaders } from '../net/http.ts';
import { routesFor } from './testbed/mesh.ts';
import { httpServer, startSmallMesh } from './testbed/small-mesh.ts';

/** Few words, so that rules and requests meet often. */
const PATHS = ['/', '/a', '/ab', '/a/b', '/A', '/b', '/b/c'];
const WORDS = ['', 'x', 'xy', 'y'];
const NAMES = ['one', 'two'];
const METHODS = ['GET', 'POST'];
const RUNS = 150;
const REQUESTS = 8;

type TextMatch =
  | { readonly exact: string }
  | { readonly prefix: string }
  | { readonly regex: string };
/** `any`: the header must be there, whatever it holds. */
type HeaderMatch = TextMatch | 'any';

interface Match {
  readonly uri?: TextMatch;
  readonly ignoreUriCase?: boolean;
  readonly method?: TextMatch;
  readonly headers?: Readonly<Record<string, HeaderMatch>>;
  readonly withoutHeaders?: Readonly<Record<string, HeaderMatch>>;
  readonly queryParams?: Readonly<Record<string, TextMatch>>;
}

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

const filled = WORDS.filter((word) => word !== '');
const textMatch = (texts: readonly string[]) =>
  fc.oneof(
    fc.record({ exact: fc.constantFrom(...texts) }),
    fc.record({ prefix: fc.constantFrom(...texts) }),
    fc.record({ regex: fc.constantFrom(...texts.map((text) => `${text}.*`), ...texts) }),
  );
const headerMatch = fc.oneof(textMatch(filled), fc.constant('any' as const));
const byName = <T>(value: fc.Arbitrary<T>) =>
  fc.dictionary(fc.constantFrom(...NAMES), value, { minKeys: 1, maxKeys: 2 });
const matchOf: fc.Arbitrary<Match> = fc.record(
  {
    uri: textMatch(PATHS),
    ignoreUriCase: fc.boolean(),
    method: fc.record({ exact: fc.constantFrom(...METHODS) }),
    headers: byName(headerMatch),
    withoutHeaders: byName(headerMatch),
    queryParams: byName(textMatch(filled)),
  },
  { requiredKeys: [] },
);
const rulesOf = fc.array(fc.option(fc.array(matchOf, { minLength: 1, maxLength: 3 })), {
  minLength: 1,
  maxLength: 5,
});
const askedOf: fc.Arbitrary<Asked> = fc.record({
  path: fc.constantFrom(...PATHS),
  method: fc.constantFrom(...METHODS),
  headers: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(...filled)),
  query: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom(...WORDS)),
});

test('A request takes the first rule that the documentation says fits it, and no other', async () => {
  const mesh = await startSmallMesh([httpServer('web', () => Promise.reject(new Error('asked')))]);
  using _ = mesh.testbed;
  const client = mesh.network('client');
  const ask = async ({ path, method, headers, query }: Asked) => {
    const search = new URLSearchParams(query).toString();
    const response = await client.request(
      { host: 'web', port: 80 },
      {
        method,
        path: search === '' ? path : `${path}?${search}`,
        authority: 'web',
        headers: new HttpHeaders(Object.entries(headers)),
        body: new Uint8Array(),
      },
    );
    return response.status === 404 ? 'none' : Buffer.from(response.body).toString();
  };
  const requests = fc.array(askedOf, { minLength: REQUESTS, maxLength: REQUESTS });
  await fc.assert(
    fc.asyncProperty(rulesOf, requests, async (rules, asked) => {
      await mesh.put(routesFor('web', rules.map(answering)));
      for (const request of asked) {
        assert.equal(await ask(request), firstRule(rules, request), JSON.stringify(request));
      }
    }),
    { numRuns: RUNS, seed: 7 },
  );
});

/** A rule that says which one it is. */
function answering(match: readonly Match[] | null, index: number) {
  const directResponse = { status: 200, body: { string: `rule ${index}` } };
  return match ? { match: match.map(written), directResponse } : { directResponse };
}

/** A match as objects have it. */
function written({ headers, withoutHeaders, ...rest }: Match): object {
  return {
    ...rest,
    ...(headers && { headers: writtenHeaders(headers) }),
    ...(withoutHeaders && { withoutHeaders: writtenHeaders(withoutHeaders) }),
  };
}

/** `{}` stands for any value. */
function writtenHeaders(headers: Readonly<Record<string, HeaderMatch>>): object {
  return Object.fromEntries(
    Object.entries(headers).map(([name, wanted]) => [name, wanted === 'any' ? {} : wanted]),
  );
}

/** As https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest reads. */
function firstRule(rules: readonly (readonly Match[] | null)[], asked: Asked): string {
  const index = rules.findIndex((match) => !match || match.some((one) => fits(one, asked)));
  return index < 0 ? 'none' : `rule ${index}`;
}

function fits(match: Match, { path, method, headers, query }: Asked): boolean {
  const isCaseless = match.ignoreUriCase === true && match.uri && !('regex' in match.uri);
  return (
    (!match.uri ||
      (isCaseless
        ? fitsText(lowered(match.uri), path.toLowerCase())
        : fitsText(match.uri, path))) &&
    (!match.method || fitsText(match.method, method)) &&
    Object.entries(match.headers ?? {}).every(([name, wanted]) =>
      hasHeader(wanted, headers[name]),
    ) &&
    Object.entries(match.withoutHeaders ?? {}).every(
      ([name, unwanted]) => !hasUnwanted(unwanted, headers[name]),
    ) &&
    Object.entries(match.queryParams ?? {}).every(([name, wanted]) => {
      const value = query[name];
      return value !== undefined && fitsText(wanted, value);
    })
  );
}

function hasHeader(wanted: HeaderMatch, value: string | undefined): boolean {
  return value !== undefined && (wanted === 'any' || fitsText(wanted, value));
}

/** A missing header counts as an empty one where a value is unwanted. */
function hasUnwanted(unwanted: HeaderMatch, value: string | undefined): boolean {
  return unwanted === 'any' ? value !== undefined : fitsText(unwanted, value ?? '');
}

function fitsText(match: TextMatch, text: string): boolean {
  if ('exact' in match) return match.exact === text;
  if ('prefix' in match) return text.startsWith(match.prefix);
  return new RegExp(`^(?:${match.regex})$`).test(text);
}

function lowered(match: TextMatch): TextMatch {
  if ('exact' in match) return { exact: match.exact.toLowerCase() };
  return 'prefix' in match ? { prefix: match.prefix.toLowerCase() } : match;
}
