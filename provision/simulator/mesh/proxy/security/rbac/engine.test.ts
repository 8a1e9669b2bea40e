import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject } from '../../../../kinds/object.ts';
import { HttpHeaders } from '../../../../net/http.ts';
import type { AuthorizationPolicy, PolicyRule } from '../../../istio/security.ts';
import type { RbacFilterConfig } from '../../../xds/listener.ts';
import { authorizesConnection, judgeRequest } from './engine.ts';
import type { AccessFacts } from './facts.ts';

const CURL = 'spiffe://cluster.local/ns/foo/sa/curl';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly claims?: JsonObject;
  readonly principal?: string | undefined;
  readonly sourceIp?: string;
  readonly remoteIp?: string;
  readonly port?: number;
  readonly serverName?: string;
}

function facts(asked: Asked): AccessFacts {
  const { method = 'GET', path = '/headers', host = 'httpbin:8000', headers = {} } = asked;
  const { sourceIp = '10.244.0.5', claims } = asked;
  return {
    sourceIp,
    remoteIp: asked.remoteIp ?? sourceIp,
    destination: { ip: '10.244.0.9', port: asked.port ?? 80 },
    principal: 'principal' in asked ? asked.principal : CURL,
    serverName: asked.serverName,
    http: {
      request: {
        method,
        path,
        authority: host,
        headers: new HttpHeaders(Object.entries(headers)),
        body: new Uint8Array(),
      },
      path: path.split('?')[0] ?? '',
      claims,
    },
  };
}

function policy(name: string, rules: readonly PolicyRule[]): AuthorizationPolicy {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name, namespace: 'foo', uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { rules },
  };
}

function filter(
  action: RbacFilterConfig['action'],
  rules: readonly PolicyRule[],
): RbacFilterConfig {
  return { type: 'rbac', action, policies: [policy('p', rules)], shadow: [] };
}

const RULES: readonly (readonly [string, PolicyRule, Asked, Asked | undefined])[] = [
  ['exact path', to({ paths: ['/headers'] }), { path: '/headers?a=b' }, { path: '/headers/' }],
  ['path prefix', to({ paths: ['/info*'] }), { path: '/information' }, { path: '/inf' }],
  ['path suffix', to({ paths: ['*/new'] }), { path: '/books/new' }, { path: '/books/news' }],
  ['any path', to({ paths: ['*'] }), { path: '/' }, { path: '' }],
  ['one segment', to({ paths: ['/a/{*}/c'] }), { path: '/a/b/c' }, { path: '/a/b/b/c' }],
  ['one segment, not none', to({ paths: ['/a/{*}'] }), { path: '/a/b' }, { path: '/a/' }],
  ['many segments', to({ paths: ['/a/{**}/z'] }), { path: '/a/b/c/z' }, { path: '/a/z' }],
  ['rest of a path', to({ paths: ['/a/{**}'] }), { path: '/a/' }, { path: '/a' }],
  ['dots in templates', to({ paths: ['/a.b/{*}'] }), { path: '/a.b/c' }, { path: '/axb/c' }],
  ['case of paths', to({ paths: ['/a'] }), { path: '/a' }, { path: '/A' }],
  ['case of methods', to({ methods: ['GET'] }), {}, { method: 'get' }],
  ['method prefix', to({ methods: ['P*'] }), { method: 'PUT' }, {}],
  ['not a method', to({ notMethods: ['GET', 'HEAD'] }), { method: 'PUT' }, { method: 'HEAD' }],
  [
    'host, any case',
    to({ hosts: ['HttpBin:8000'] }),
    { host: 'httpbin:8000' },
    { host: 'httpbin' },
  ],
  ['host with any port', to({ hosts: ['httpbin:*'] }), { host: 'HTTPBIN:80' }, { host: 'httpbin' }],
  ['host suffix', to({ hosts: ['*.com'] }), { host: 'a.COM' }, { host: 'a.com:80' }],
  ['port', to({ ports: ['8080'] }), { port: 8080 }, { port: 80 }],
  ['not a port', to({ notPorts: ['8080'] }), { port: 80 }, { port: 8080 }],
  [
    'fields together',
    to({ paths: ['/a'], methods: ['GET'] }),
    { path: '/a' },
    { path: '/a', method: 'PUT' },
  ],
  ['principal', from({ principals: [CURL.slice(9)] }), {}, { principal: `${CURL}2` }],
  [
    'principal prefix',
    from({ principals: ['cluster.local/ns/foo/*'] }),
    {},
    { principal: undefined },
  ],
  ['principal suffix', from({ principals: ['*/sa/curl'] }), {}, { principal: `${CURL}x` }],
  ['any principal', from({ principals: ['*'] }), {}, { principal: undefined }],
  ['no principal', from({ notPrincipals: ['*'] }), { principal: undefined }, {}],
  [
    'namespace',
    from({ namespaces: ['foo'] }),
    {},
    { principal: 'spiffe://cluster.local/ns/food/sa/a' },
  ],
  [
    'namespace prefix',
    from({ namespaces: ['fo*'] }),
    {},
    { principal: 'spiffe://cluster.local/ns/bar/sa/a' },
  ],
  ['not a namespace', from({ notNamespaces: ['foo'] }), { principal: undefined }, {}],
  [
    'account of the same namespace',
    from({ serviceAccounts: ['curl'] }),
    {},
    { principal: 'spiffe://cluster.local/ns/bar/sa/curl' },
  ],
  ['account of another', from({ serviceAccounts: ['foo/curl'] }), {}, { principal: `${CURL}y` }],
  [
    'trust domain',
    from({ trustDomains: ['cluster.local'] }),
    {},
    { principal: 'spiffe://td/ns/foo/sa/curl' },
  ],
  ['address', from({ ipBlocks: ['10.244.0.5'] }), {}, { sourceIp: '10.244.0.6' }],
  ['range', from({ ipBlocks: ['10.244.0.0/16'] }), {}, { sourceIp: '10.245.0.1' }],
  ['not a range', from({ notIpBlocks: ['10.0.0.0/8'] }), { sourceIp: '1.2.3.4' }, {}],
  ['remote address', from({ remoteIpBlocks: ['1.2.3.4'] }), { remoteIp: '1.2.3.4' }, {}],
  [
    'subject',
    from({ requestPrincipals: ['a@b/c'] }),
    { claims: { iss: 'a@b', sub: 'c' } },
    { claims: { iss: 'a@b', sub: 'd' } },
  ],
  [
    'issuer that is a URL',
    from({ requestPrincipals: ['https://a/b/*'] }),
    { claims: { iss: 'https://a/b', sub: 'c' } },
    { claims: { iss: 'https://a', sub: 'b/c' } },
  ],
  ['any token', from({ requestPrincipals: ['*'] }), { claims: { iss: 'a', sub: 'b' } }, {}],
  [
    'token without a subject',
    from({ notRequestPrincipals: ['*'] }),
    { claims: { iss: 'a' } },
    { claims: { iss: 'a', sub: 'b' } },
  ],
  [
    'any issuer',
    from({ requestPrincipals: ['*/c'] }),
    { claims: { iss: 'a', sub: 'c' } },
    { claims: { iss: 'a', sub: 'dc' } },
  ],
  [
    'issuer prefix',
    from({ requestPrincipals: ['iss*'] }),
    { claims: { iss: 'issuer', sub: 'c' } },
    { claims: { iss: 'is', sub: 'c' } },
  ],
  [
    'header',
    when('request.headers[X-A]', ['b']),
    { headers: { 'x-a': 'b' } },
    { headers: { 'x-a': 'c' } },
  ],
  ['header that is there', when('request.headers[x-a]', ['*']), { headers: { 'x-a': '' } }, {}],
  [
    'header prefix',
    when('request.headers[User-Agent]', ['Moz*']),
    { headers: { 'user-agent': 'Mozilla' } },
    {},
  ],
  [
    'not a header',
    { when: [{ key: 'request.headers[x-a]', notValues: ['b'] }] },
    {},
    { headers: { 'x-a': 'b' } },
  ],
  [
    'claim',
    when('request.auth.claims[groups]', ['g1']),
    { claims: { groups: 'g1' } },
    { claims: { groups: 'g2' } },
  ],
  [
    'claim that is a list',
    when('request.auth.claims[groups]', ['g*']),
    { claims: { groups: ['x', 'g1'] } },
    { claims: { groups: ['x'] } },
  ],
  [
    'nested claim',
    when('request.auth.claims[a][b.c]', ['d']),
    { claims: { a: { 'b.c': 'd' } } },
    { claims: { 'a.b.c': 'd' } },
  ],
  [
    'claims that are no texts',
    when('request.auth.claims[n]', ['1', 'true']),
    { claims: { n: '1' } },
    { claims: { n: 1 } },
  ],
  [
    'claim of Object.prototype',
    { when: [{ key: 'request.auth.claims[constructor]', notValues: ['*'] }] },
    { claims: {} },
    { claims: { constructor: 'x' } },
  ],
  [
    'audience',
    when('request.auth.audiences', ['b']),
    { claims: { aud: ['a', 'b'] } },
    { claims: { aud: 'c' } },
  ],
  ['presenter', when('request.auth.presenter', ['p']), { claims: { azp: 'p' } }, {}],
  [
    'principal of a token',
    when('request.auth.principal', ['a/b']),
    { claims: { iss: 'a', sub: 'b' } },
    {},
  ],
  ['source address', when('source.ip', ['10.244.0.0/24']), {}, { sourceIp: '10.244.1.1' }],
  ['source namespace', when('source.namespace', ['foo']), {}, { principal: undefined }],
  ['source principal', when('source.principal', [CURL.slice(9)]), {}, { principal: undefined }],
  ['destination address', when('destination.ip', ['10.244.0.9']), {}, undefined],
  ['destination port', when('destination.port', ['80']), {}, { port: 81 }],
  ['server name', when('connection.sni', ['*.foo']), { serverName: 'a.foo' }, {}],
  [
    'not what other filters note',
    {
      when: [
        { key: 'experimental.envoy.filters.network.mysql_proxy[db.t]', notValues: ['[select]'] },
      ],
    },
    {},
    undefined,
  ],
  [
    'sources or sources',
    { from: [{ source: { namespaces: ['bar'] } }, { source: { principals: ['*curl'] } }] },
    {},
    { principal: undefined },
  ],
  [
    'source and operation',
    { ...from({ namespaces: ['foo'] }), ...to({ methods: ['GET'] }) },
    {},
    { method: 'PUT' },
  ],
  [
    'conditions together',
    {
      when: [
        ...(when('source.ip', ['10.0.0.0/8']).when ?? []),
        ...(when('destination.port', ['80']).when ?? []),
      ],
    },
    {},
    { port: 81 },
  ],
];

test('AuthorizationPolicy fields fit what the reference says, and nothing else', () => {
  for (const [name, rule, good, bad] of RULES) {
    const config = filter('ALLOW', [rule]);
    assert.equal(judgeRequest(config, facts(good)).enforced?.isAllowed, true, `${name}: fits`);
    if (!bad) continue;
    assert.equal(judgeRequest(config, facts(bad)).enforced?.isAllowed, false, `${name}: does not`);
  }
});

test('AuthorizationPolicy actions: ALLOW without a fitting rule refuses, DENY with one, AUDIT never', () => {
  const rule = to({ paths: ['/headers'] });
  const verdicts = (['ALLOW', 'DENY', 'AUDIT'] as const).map((action) => [
    judgeRequest(filter(action, [rule]), facts({})).enforced,
    judgeRequest(filter(action, [rule]), facts({ path: '/ip' })).enforced,
    judgeRequest(filter(action, []), facts({})).enforced,
    judgeRequest(filter(action, [{}]), facts({})).enforced,
  ]);
  const first = 'ns[foo]-policy[p]-rule[0]';
  assert.deepEqual(verdicts, [
    [yes(first), no('none'), no('none'), yes(first)],
    [no(first), yes('none'), yes('none'), no(first)],
    [yes(first), yes('none'), yes('none'), yes(first)],
  ]);
});

test('AuthorizationPolicy: of several that fit the first by name is told', () => {
  const policies = [policy('b', [{}]), policy('a', [to({ paths: ['/x'] }), {}])];
  const config: RbacFilterConfig = { type: 'rbac', action: 'DENY', policies, shadow: [] };
  assert.deepEqual(judgeRequest(config, facts({})), {
    enforced: { isAllowed: false, policy: 'ns[foo]-policy[a]-rule[1]' },
    shadow: undefined,
  });
});

test('AuthorizationPolicy on TCP: an ALLOW rule with HTTP fields fits nothing, a DENY rule goes on without them', () => {
  const connection = {
    sourceIp: '10.244.0.5',
    destination: { ip: '10.244.0.9', port: 9000 },
    principal: CURL,
    serverName: undefined,
  };
  const http = { ...to({ methods: ['GET'], ports: ['9000'] }) };
  const other = { ...to({ methods: ['GET'], ports: ['9001'] }) };
  const allowed = { type: 'allowed' };
  const counted: string[] = [];
  const verdict = (config: RbacFilterConfig) =>
    authorizesConnection([config], connection, (one) => counted.push(one));
  assert.deepEqual(
    [
      verdict(filter('ALLOW', [http])),
      verdict(filter('ALLOW', [http, to({ ports: ['9000'] })])),
      verdict(filter('DENY', [http])),
      verdict(filter('DENY', [other])),
      verdict(filter('DENY', [when('request.headers[a]', ['b'])])),
      verdict(filter('ALLOW', [when('unknown.key', ['b'])])),
    ],
    [
      denied('none'),
      allowed,
      denied('ns[foo]-policy[p]-rule[0]'),
      allowed,
      denied('ns[foo]-policy[p]-rule[0]'),
      denied('none'),
    ],
  );
  assert.deepEqual(counted.slice(0, 2), ['tcp.rbac.denied', 'tcp.rbac.allowed']);
});

function to(operation: NonNullable<PolicyRule['to']>[number]['operation']): PolicyRule {
  return { to: [{ ...(operation && { operation }) }] };
}

function from(source: NonNullable<PolicyRule['from']>[number]['source']): PolicyRule {
  return { from: [{ ...(source && { source }) }] };
}

function when(key: string, values: readonly string[]): PolicyRule {
  return { when: [{ key, values }] };
}

function yes(name: string) {
  return { isAllowed: true, policy: name };
}

function no(name: string) {
  return { isAllowed: false, policy: name };
}

function denied(name: string) {
  return { type: 'denied', details: `rbac_access_denied_matched_policy[${name}]` };
}
