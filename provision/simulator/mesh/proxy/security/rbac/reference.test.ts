import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HttpHeaders } from '../../../../net/http.ts';
import type {
  AuthorizationPolicy,
  PolicyOperation,
  PolicyRule,
  PolicySource,
} from '../../../istio/security.ts';
import type { RbacFilterConfig } from '../../../xds/listener.ts';
import { judgeRequest } from './engine.ts';
import type { AccessFacts } from './facts.ts';

/** A request in words alone, from which both sides are asked. */
interface Words {
  readonly principals: string | undefined;
  readonly namespaces: string | undefined;
  readonly requestPrincipals: string | undefined;
  readonly hosts: string;
  readonly methods: string;
  readonly paths: string;
  readonly ports: string;
  readonly header: string | undefined;
}

/** The same numbers each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const VALUES = {
  principals: ['cluster.local/ns/a/sa/x', 'cluster.local/ns/b/*', '*/sa/y', '*'],
  namespaces: ['a', 'b', 'a*'],
  requestPrincipals: ['iss/x', 'iss/*', '*/y', '*'],
  hosts: ['web', 'web:*', '*:80', '*'],
  methods: ['GET', 'P*', '*T'],
  paths: ['/a', '/a*', '*b', '*', '/a/{*}', '/{**}/b'],
  ports: ['80', '8080'],
  header: ['v', 'v*', '*w', '*'],
} as const;

const SOURCE = ['principals', 'namespaces', 'requestPrincipals'] as const;
const OPERATION = ['hosts', 'methods', 'paths', 'ports'] as const;

/** What the reference documentation says of a value, as simply as it can be said. */
function fits(field: keyof Words, value: string, said: string | undefined): boolean {
  if (said === undefined) return false;
  if (field === 'namespaces')
    return value.endsWith('*') ? said.startsWith(value.slice(0, -1)) : said === value;
  if (field === 'header' && value === '*') return true;
  const text = field === 'hosts' ? said.toLowerCase() : said;
  if (value.includes('{')) {
    const [parts, segments] = [value, text].map((path) => path.split('/').slice(1));
    return fitsTemplate(parts ?? [], segments ?? []);
  }
  if (value === '*') return text !== '';
  if (value.startsWith('*')) return text.endsWith(value.slice(1));
  return value.endsWith('*') ? text.startsWith(value.slice(0, -1)) : text === value;
}

function fitsTemplate(parts: readonly string[], segments: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return segments.length === 0;
  if (part === '{**}') {
    return segments.some((_, index) => fitsTemplate(rest, segments.slice(index + 1)));
  }
  const [segment, ...others] = segments;
  if (segment === undefined) return false;
  return (part === '{*}' ? segment !== '' : segment === part) && fitsTemplate(rest, others);
}

/** One list of values, and the list of those that must not fit. */
function holds(
  field: keyof Words,
  values: readonly string[] | undefined,
  words: Words,
  not?: readonly string[],
): boolean {
  const isWanted =
    !values || values.length === 0 || values.some((one) => fits(field, one, words[field]));
  return isWanted && !(not ?? []).some((one) => fits(field, one, words[field]));
}

function expected({ from = [], to = [], when = [] }: PolicyRule, words: Words): boolean {
  const isFrom = from.some(({ source = {} }) =>
    SOURCE.every((field) => holds(field, source[field], words, source[notOf(field)])),
  );
  const isTo = to.some(({ operation = {} }) =>
    OPERATION.every((field) => holds(field, operation[field], words, operation[notOf(field)])),
  );
  return (
    (from.length === 0 || isFrom) &&
    (to.length === 0 || isTo) &&
    when.every(({ values, notValues }) => holds('header', values, words, notValues))
  );
}

function notOf<T extends string>(field: T): `not${Capitalize<T>}`;
function notOf(field: string): string {
  return `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}

test('Rules fit the same requests as a plain reading of the documentation says, over thousands of random ones', () => {
  const random = seeded(1);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const some = (field: keyof typeof VALUES) =>
    random() < 0.45 ? [pick(VALUES[field]) ?? '', pick(VALUES[field]) ?? ''] : undefined;
  const fields = (names: readonly (keyof typeof VALUES)[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const [yes, no] = [some(name), random() < 0.3 ? some(name) : undefined];
        return [...(yes ? [[name, yes]] : []), ...(no ? [[notOf(name), no]] : [])];
      }),
    );
  for (let round = 0; round < 3_000; round++) {
    const source: PolicySource = fields(SOURCE);
    const operation: PolicyOperation = fields(OPERATION);
    const values = some('header');
    const rule: PolicyRule = {
      ...(random() < 0.6 && {
        from: [{ source }, ...(random() < 0.3 ? [{ source: fields(SOURCE) }] : [])],
      }),
      ...(random() < 0.6 && { to: [{ operation }] }),
      ...(values && {
        when: [
          { key: 'request.headers[x-a]', ...(random() < 0.5 ? { values } : { notValues: values }) },
        ],
      }),
    };
    const namespace = pick(['a', 'b', 'ab', undefined]);
    const words: Words = {
      principals: namespace && `cluster.local/ns/${namespace}/sa/${pick(['x', 'y']) ?? ''}`,
      namespaces: namespace,
      requestPrincipals: pick(['iss/x', 'iss/y', 'other/x', undefined]),
      hosts: pick(['web', 'WEB:80', 'api:80']) ?? '',
      methods: pick(['GET', 'POST', 'PUT']) ?? '',
      paths: pick(['/a', '/ab', '/a/b', '/a/', '/c/d/b', '/b']) ?? '',
      ports: pick(['80', '8080']) ?? '',
      header: pick(['v', 'vw', '', undefined]),
    };
    const config: RbacFilterConfig = {
      type: 'rbac',
      action: 'ALLOW',
      policies: [policy(rule)],
      shadow: [],
    };
    assert.equal(
      judgeRequest(config, factsOf(words)).enforced?.isAllowed,
      expected(rule, words),
      JSON.stringify({ rule, words }),
    );
  }
});

function policy(rule: PolicyRule): AuthorizationPolicy {
  const metadata = {
    name: 'p',
    namespace: 'a',
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
  };
  return { apiVersion: '', kind: 'AuthorizationPolicy', metadata, spec: { rules: [rule] } };
}

function factsOf(words: Words): AccessFacts {
  const [iss = '', sub = ''] = words.requestPrincipals?.split('/') ?? [];
  const headers = new HttpHeaders(words.header === undefined ? [] : [['x-a', words.header]]);
  return {
    sourceIp: '10.244.0.5',
    remoteIp: '10.244.0.5',
    destination: { ip: '10.244.0.9', port: Number(words.ports) },
    principal: words.principals && `spiffe://${words.principals}`,
    serverName: undefined,
    http: {
      request: {
        method: words.methods,
        path: words.paths,
        authority: words.hosts,
        headers,
        body: new Uint8Array(),
      },
      path: words.paths,
      claims: words.requestPrincipals === undefined ? undefined : { iss, sub },
    },
  };
}
