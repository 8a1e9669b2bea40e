import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serviceEntries } from '../../istio/resources.ts';
import type { ServiceEntry } from '../../istio/service-entry.ts';
import { istio } from '../../testbed/push.ts';
import { Tables } from '../../testbed/tables.ts';
import { serviceEntryServices } from './service-entries.ts';

function entryWith(hosts: readonly string[]): ServiceEntry {
  const tables = new Tables();
  const ports = [{ number: 443, name: 'tls', protocol: 'TLS' }];
  tables.put(istio('ServiceEntry', 'many', { hosts, ports, resolution: 'DNS' }));
  const entry = tables.get(serviceEntries, 'many', 'default');
  if (!entry) throw new Error('The entry is not there');
  return entry;
}

test('services of a ServiceEntry are made once, and its hosts share what is the same for all of them', () => {
  const objects = {
    entries: [entryWith(['a.example', 'b.example'])],
    workloadEntries: [],
    pods: [],
    places: new Map(),
  };
  const [a, b, ...others] = serviceEntryServices(objects);
  assert.deepEqual(
    [a?.host, a?.names?.[0]?.name, b?.host, b?.names?.[0]?.name, others],
    ['a.example', 'a.example', 'b.example', 'b.example', []],
  );
  // A table by port number takes kilobytes: a hundred hosts are not to have one each.
  assert.equal(a?.names?.[0]?.ports, b?.names?.[0]?.ports);
  assert.equal(serviceEntryServices({ ...objects, pods: [] })[0], a);
});
