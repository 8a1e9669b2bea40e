import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serviceEntries } from '../../istio/resources.ts';
import { istio } from '../../testbed/push.ts';
import { Tables } from '../../testbed/tables.ts';
import { AddressAllotment } from './address-allotment.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('Hosts without an address get one each of 240.240.0.0/16, which they keep; wildcards and resolution NONE get none', async () => {
  const client = new Tables();
  using _ = new AddressAllotment(client, () => undefined);
  const entry = (name: string, spec: object) => client.put(istio('ServiceEntry', name, spec));
  const addresses = (name: string) =>
    (client.get(serviceEntries, name, 'default')?.status?.addresses ?? []).map(
      ({ host, value }) => `${host} ${value}`,
    );
  entry('one', { hosts: ['a.example', '*.b.example', 'c.example'], resolution: 'DNS' });
  entry('none', { hosts: ['d.example'], resolution: 'NONE' });
  entry('own', { hosts: ['e.example'], addresses: ['1.1.1.1'], resolution: 'STATIC' });
  await settled();
  entry('two', { hosts: ['f.example'], resolution: 'STATIC' });
  await settled();
  assert.deepEqual(addresses('one'), [
    'a.example 240.240.0.1',
    'a.example 2001:2::1',
    'c.example 240.240.0.2',
    'c.example 2001:2::2',
  ]);
  assert.deepEqual(addresses('two'), ['f.example 240.240.0.3', 'f.example 2001:2::3']);
  assert.deepEqual([addresses('none'), addresses('own')], [[], []]);
  client.remove('ServiceEntry', { name: 'one', namespace: 'default' });
  await settled();
  entry('three', { hosts: ['g.example'], resolution: 'DNS' });
  await settled();
  assert.deepEqual(addresses('three'), ['g.example 240.240.0.1', 'g.example 2001:2::1']);
});

test('Entries with a hundred hosts each get all the addresses there are, each once, in time that grows with their number only', async () => {
  const client = new Tables();
  using _ = new AddressAllotment(client, () => undefined);
  const startMs = performance.now();
  for (let entry = 0; entry < 660; entry++) {
    const hosts = Array.from({ length: 100 }, (_host, at) => `h${at}.e${entry}.example`);
    client.put(istio('ServiceEntry', `e${entry}`, { hosts, resolution: 'DNS' }));
    await settled();
  }
  const given = client
    .list(serviceEntries)
    .flatMap(({ status }) => status?.addresses ?? [])
    .flatMap(({ value }) => (value.startsWith('240.') ? [value] : []));
  assert.deepEqual([given.length, new Set(given).size], [65_534, 65_534]);
  // With a look at all that are taken for each host it would be minutes.
  assert.ok(performance.now() - startMs < 10_000);
});
