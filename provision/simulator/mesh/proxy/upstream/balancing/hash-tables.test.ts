import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seededRandom } from '../../../testbed/seeded-random.ts';
import type { Endpoint } from '../../../xds/endpoint.ts';
import { hashTable } from './hash-tables.ts';
import { xxHash64 } from './xxhash64.ts';

const KEYS = Array.from({ length: 2_000 }, (_, at) => xxHash64(`user-${at}`));

const endpoint = (last: number, weight = 1): Endpoint => ({
  ip: `10.0.0.${last}`,
  port: 80,
  labels: {},
  workload: undefined,
  hasSidecar: false,
  weight,
});

test('xxHash64() gives the values of the reference implementation, for texts of any length', () => {
  const known = {
    '': 0xef46db3751d8e999n,
    a: 0xd24ec4f1a98c6e5bn,
    abc: 0x44bc2cf5ad770999n,
    'Nobody inspects the spammish repetition': 0xfbcea83c8a378bf1n,
  };
  const given = Object.fromEntries(Object.keys(known).map((text) => [text, xxHash64(text)]));
  assert.deepEqual(given, known);
});

for (const [name, settings] of [
  ['ring', {}],
  ['Maglev table', { maglev: {} }],
] as const) {
  test(`A ${name} shares keys about evenly, and moves few but those of an endpoint that goes`, () => {
    const all = [1, 2, 3, 4, 5].map((last) => endpoint(last));
    const before = hashTable(all, settings);
    const after = hashTable(all.slice(0, -1), settings);
    const gone = all.at(-1);
    const kept = KEYS.filter((key) => before(key) !== gone);
    const moved = kept.filter((key) => before(key) !== after(key)).length;
    const counts = all.map((one) => KEYS.filter((key) => before(key) === one).length);
    assert.ok(
      counts.every((count) => count > 280 && count < 540),
      counts.join(' '),
    );
    // A ring of the same size has more entries for each that is left: some take over keys of others.
    assert.ok(moved <= kept.length * 0.15, `${moved} of ${kept.length} moved`);
  });

  test(`A ${name} gives an endpoint of three times the weight about three times the keys`, () => {
    const [light, heavy] = [endpoint(1), endpoint(2, 3)];
    const find = hashTable([light, heavy], settings);
    const share = KEYS.filter((key) => find(key) === heavy).length / KEYS.length;
    assert.ok(Math.abs(share - 0.75) < 0.06, `${share}`);
  });
}

test('Tables of no endpoints, and of sizes that are not sensible, lead somewhere or nowhere but end', () => {
  const random = seededRandom();
  const one = endpoint(1);
  const key = BigInt(Math.floor(random() * 2 ** 40));
  assert.equal(hashTable([], {})(key), undefined);
  assert.equal(hashTable([], { maglev: {} })(key), undefined);
  assert.equal(hashTable([one], { ringHash: { minimumRingSize: 8_000_000 } })(key), one);
  assert.equal(hashTable([one], { maglev: { tableSize: 4 } })(key), one);
});
