import assert from 'node:assert/strict';
import { test } from 'node:test';

import { validate } from './index.ts';

const route = [{ destination: { host: 'web' } }];
const virtualService = (http: readonly object[]) =>
  JSON.parse(JSON.stringify({ kind: 'VirtualService', spec: { hosts: ['web'], http } }));

test('validate() warns of rules that no request reaches, in words of istiod', () => {
  const api = { uri: { prefix: '/api' }, method: { exact: 'GET' } };
  const { errors, warnings } = validate(
    virtualService([
      { name: 'api', match: [api], route },
      { match: [{ method: { exact: 'GET' }, uri: { prefix: '/api' } }], route },
      { match: [{ uri: { prefix: '/api/v1' } }], route },
      { route },
      { route },
      { match: [{ uri: { exact: '/late' } }], route },
    ]),
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(warnings, [
    'virtualService rule #1 match #0 is not used (duplicate/overlapping match in rule "api")',
    'virtualService rule #1 not used (all matches used by prior rules)',
    'virtualService rule #4 not used (only the last rule can have no matches)',
    'virtualService rule #5 not used (route without matches defined before)',
    'virtualService rule #2 match #0 of prefix /api/v1 is not used (duplicate/overlapping match in rule #0 of prefix /api on "api")',
  ]);
});

test('validate() refuses CUSTOM, which would protect nothing, and says what else is not simulated', () => {
  const custom = validate({
    kind: 'AuthorizationPolicy',
    metadata: { name: 'x', namespace: 'shop' },
    spec: { action: 'CUSTOM', provider: { name: 'opa' }, rules: [{}] },
  });
  assert.deepEqual(custom.errors, [
    'Regatta: AuthorizationPolicy with action CUSTOM is not simulated, use ALLOW or DENY',
  ]);
  assert.deepEqual(validate({ kind: 'WasmPlugin', spec: { url: 'oci://x' } }), {
    errors: [],
    warnings: ['Regatta: WebAssembly is not simulated, the object is kept and has no effect'],
    text: '',
  });
});

test('validate() bounds what an object of ten thousand overlapping routes says', () => {
  const http = Array.from({ length: 10_000 }, (_, index) => ({
    match: [{ uri: { prefix: `/${'a'.repeat(index % 50)}${index}` } }],
    route,
  }));
  assert.ok(validate(virtualService(http)).warnings.length <= 1_000);
});
