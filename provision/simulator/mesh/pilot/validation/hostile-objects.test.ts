import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json, JsonObject } from '../../../kinds/object.ts';
import { randomJson } from './test-random.ts';
import { verdictOn } from './test-verdicts.ts';

const KINDS = [
  'AuthorizationPolicy',
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'ProxyConfig',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'Telemetry',
  'TrafficExtension',
  'VirtualService',
  'WasmPlugin',
  'WorkloadEntry',
  'WorkloadGroup',
];
// Each takes less than a tenth of this on a quiet machine.
const LIMIT_MS = 1_000;

const many = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => make(index));

test('validate() takes any JSON whatever, of any kind, without throwing', () => {
  const json = randomJson(7);
  for (let round = 0; round < 6_000; round++) {
    const kind = KINDS[round % KINDS.length] ?? '';
    const spec = json(5);
    assert.doesNotThrow(() => verdictOn(kind, Object(spec)), `${kind} ${JSON.stringify(spec)}`);
  }
});

test('validate() answers soon, and shortly, for the largest objects', () => {
  const route = [{ destination: { host: 'web' } }];
  const matching = (match: (index: number) => JsonObject, count: number) => ({
    hosts: ['web'],
    http: many(count, (index) => ({ match: [match(index)], route })),
  });
  const objects: readonly (readonly [kind: string, spec: object])[] = [
    [
      'VirtualService',
      matching((i) => ({ uri: { prefix: `/${'a'.repeat(i % 50)}${i}` } }), 10_000),
    ],
    ['VirtualService', matching((i) => ({ uri: { regex: `(a{500}){2}${i}` } }), 2_000)],
    ['VirtualService', matching((i) => ({ headers: { a: { regex: `/a.*${i}` } } }), 2_000)],
    ['VirtualService', { hosts: many(5_000, (i) => `h${i}.com`), http: [{ route }] }],
    ['VirtualService', { hosts: many(5_000, () => 'h.com'), http: [{ route }] }],
    [
      'VirtualService',
      {
        hosts: many(5_000, (i) => `*.h${i}.com`),
        tls: [{ match: [{ sniHosts: many(5_000, (i) => `a.h${i}.com`) }], route }],
      },
    ],
    ['ServiceEntry', { hosts: many(5_000, (i) => `h${i}_.com`), resolution: 'DNS' }],
    ['Sidecar', { egress: [{ hosts: many(5_000, (i) => `a/h${i % 50}`) }] }],
    ['DestinationRule', { host: `${'a-'.repeat(100_000)}!` }],
    [
      'AuthorizationPolicy',
      { rules: [{ to: [{ operation: { paths: [`a${'/'.repeat(1_000_000)}b`] } }] }] },
    ],
    [
      'VirtualService',
      { hosts: ['web'], http: [{ route, corsPolicy: { maxAge: '1'.repeat(1_000_000) } }] },
    ],
    ['RequestAuthentication', { jwtRules: [{ jwks: '['.repeat(100_000) }] }],
  ];
  for (const [kind, spec] of objects) {
    const start = performance.now();
    const { errors, warnings } = verdictOn(kind, spec);
    const tookMs = performance.now() - start;
    assert.ok(
      tookMs < LIMIT_MS,
      `${kind} took ${tookMs} ms: ${JSON.stringify(spec).slice(0, 200)}`,
    );
    assert.ok(errors.length <= 1_000 && warnings.length <= 1_000);
  }
});

test('A VirtualService is refused whose expressions together are too large to compile', () => {
  const match = Array.from({ length: 2_000 }, () => ({ headers: { a: { regex: '(a{500}){2}' } } }));
  const spec: Json = {
    hosts: ['web'],
    http: [{ match, route: [{ destination: { host: 'web' } }] }],
  };
  assert.deepEqual(verdictOn('VirtualService', spec).errors, [
    'Regatta: the regular expressions of one VirtualService together are too large',
  ]);
});
