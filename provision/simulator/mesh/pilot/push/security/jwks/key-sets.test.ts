import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../../../../../fake-clock.ts';
import { KeySets } from './key-sets.ts';

const MINUTE_MS = 60_000;
const RULE = { issuer: 'https://idp', jwksUri: 'http://idp.foo/jwks' };

/** A provider that answers what `documents` has, and the addresses it has been asked for. */
function start(documents: Map<string, string>) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const logged: string[] = [];
  const sets = new KeySets({
    clock,
    fetchText: async (url) => {
      asked.push(url);
      const text = documents.get(url);
      if (text === undefined) throw new Error('connection refused');
      return text;
    },
    log: (line) => logged.push(line),
  });
  return { clock, asked, logged, sets };
}

test('KeySets fetches once for all who ask, and anew when somebody asks after twenty minutes', async () => {
  const documents = new Map([[RULE.jwksUri, 'old']]);
  using mesh = disposable(start(documents));
  const { clock, asked, sets } = mesh;
  assert.equal(sets.keysOf(RULE), undefined);
  sets.keysOf(RULE);
  await clock.advance(0);
  documents.set(RULE.jwksUri, 'new');
  await clock.advance(20 * MINUTE_MS - 1);
  assert.equal(sets.keysOf(RULE), 'old');
  await clock.advance(1);
  assert.equal(sets.keysOf(RULE), 'old');
  await clock.advance(0);
  assert.equal(sets.keysOf(RULE), 'new');
  assert.equal(asked.length, 2);
});

test('KeySets gives a key that nothing is signed with while none can be had, and tries again after a minute', async () => {
  const documents = new Map<string, string>();
  using mesh = disposable(start(documents));
  const { clock, logged, sets } = mesh;
  sets.keysOf(RULE);
  await clock.advance(0);
  const n = Buffer.from(`Error-IstiodFailedToFetchJwksUri-${RULE.jwksUri}`).toString('base64url');
  assert.equal(sets.keysOf(RULE), `{"keys":[ {"e":"AQAB","kid":"abc","kty":"RSA","n":"${n}"}]}`);
  assert.deepEqual(logged, [
    'Failed to fetch public key from "http://idp.foo/jwks": connection refused',
  ]);
  documents.set(RULE.jwksUri, 'keys');
  await clock.advance(MINUTE_MS);
  sets.keysOf(RULE);
  await clock.advance(0);
  assert.equal(sets.keysOf(RULE), 'keys');
});

test('KeySets finds the keys of an issuer by OpenID Connect Discovery, and takes keys that a rule has itself', async () => {
  const found = JSON.stringify({ jwks_uri: 'https://idp/keys' });
  const documents = new Map([
    ['https://idp/.well-known/openid-configuration', found],
    ['https://idp/keys', 'keys'],
  ]);
  using mesh = disposable(start(documents));
  const { clock, asked, sets } = mesh;
  sets.keysOf({ issuer: 'https://idp' });
  await clock.advance(0);
  assert.equal(sets.keysOf({ issuer: 'https://idp' }), 'keys');
  assert.equal(sets.keysOf({ ...RULE, jwks: 'own' }), 'own');
  assert.equal(asked.length, 2);
});

function disposable<T extends ReturnType<typeof start>>(started: T) {
  return { ...started, [Symbol.dispose]: () => started.sets[Symbol.dispose]() };
}
