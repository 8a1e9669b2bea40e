import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JsonObject, KubeObject } from '../kinds/object.ts';
import { answerDns, type DnsType } from './dns.ts';
import { FakeClusterClient, meta, objectOf } from './fake-cluster-client.ts';
import { NO_OUTSIDE } from './outside.ts';
import { clusterFirst, PodDns } from './pod-dns.ts';
import { ServiceTable } from './service-table.ts';

function service(name: string, spec: JsonObject): KubeObject {
  return objectOf(['v1', 'Service'], meta(name), { spec });
}

const OBJECTS: readonly KubeObject[] = [
  service('web', {
    clusterIP: '10.96.0.50',
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'dns', port: 53, protocol: 'UDP' },
    ],
  }),
  service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] }),
  service('empty', { clusterIP: 'None' }),
  service('outside', { type: 'ExternalName', externalName: 'example.com' }),
  service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
  objectOf(
    ['discovery.k8s.io/v1', 'EndpointSlice'],
    meta('db-1', { 'kubernetes.io/service-name': 'db' }),
    {
      endpoints: [
        { addresses: ['10.244.1.5'], hostname: 'db-0', conditions: { ready: true } },
        { addresses: ['10.244.1.6'], conditions: { ready: true } },
        { addresses: ['10.244.1.7'], conditions: { ready: false } },
      ],
      ports: [{ name: 'sql', port: 5432 }],
    },
  ),
];

const table = new ServiceTable(new FakeClusterClient(OBJECTS), () => undefined);

/** The answer as words: each record's type and data, else the code. */
function ask(name: string, type: DnsType = 'A'): string {
  const { code, records } = answerDns(name, type, { table, outside: NO_OUTSIDE });
  if (records.length === 0) return code;
  return records.map((record) => `${record.type} ${record.data}`).join(', ');
}

test('answerDns() gives what the DNS specification of Kubernetes asks for', () => {
  const rows: readonly (readonly [name: string, type: DnsType, answer: string])[] = [
    ['web.default.svc.cluster.local', 'A', 'A 10.96.0.50'],
    ['WEB.default.svc.cluster.local.', 'A', 'A 10.96.0.50'],
    ['web.default.svc.cluster.local', 'AAAA', 'NOERROR'],
    ['web.default', 'A', 'NXDOMAIN'],
    ['web.other.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['default.svc.cluster.local', 'A', 'NOERROR'],
    ['db.default.svc.cluster.local', 'A', 'A 10.244.1.5, A 10.244.1.6'],
    ['db-0.db.default.svc.cluster.local', 'A', 'A 10.244.1.5'],
    ['10-244-1-6.db.default.svc.cluster.local', 'A', 'A 10.244.1.6'],
    ['10-244-1-5.db.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['10-244-1-7.db.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['empty.default.svc.cluster.local', 'A', 'NXDOMAIN'],
    ['10-244-1-5.default.pod.cluster.local', 'A', 'A 10.244.1.5'],
    ['outside.default.svc.cluster.local', 'A', 'CNAME example.com'],
    ['alias.default.svc.cluster.local', 'A', 'CNAME web.default.svc.cluster.local, A 10.96.0.50'],
    [
      '_http._tcp.web.default.svc.cluster.local',
      'SRV',
      'SRV 0 100 80 web.default.svc.cluster.local',
    ],
    ['_http._udp.web.default.svc.cluster.local', 'SRV', 'NXDOMAIN'],
    [
      '_dns._udp.web.default.svc.cluster.local',
      'SRV',
      'SRV 0 100 53 web.default.svc.cluster.local',
    ],
    [
      '_sql._tcp.db.default.svc.cluster.local',
      'SRV',
      'SRV 0 100 5432 db-0.db.default.svc.cluster.local, SRV 0 100 5432 10-244-1-6.db.default.svc.cluster.local',
    ],
    ['50.0.96.10.in-addr.arpa', 'PTR', 'PTR web.default.svc.cluster.local'],
    ['5.1.244.10.in-addr.arpa', 'PTR', 'PTR db-0.db.default.svc.cluster.local'],
    ['9.9.9.9.in-addr.arpa', 'PTR', 'NXDOMAIN'],
    ['example.com', 'A', 'NXDOMAIN'],
  ];
  assert.deepEqual(
    rows.map(([name, type]) => [name, type, ask(name, type)]),
    rows,
  );
});

function podDns(settings: Partial<PodDns['settings']> = {}): PodDns {
  return new PodDns(
    { ...clusterFirst('default'), ...settings },
    {
      ask: (name, type) => answerDns(name, type, { table, outside: NO_OUTSIDE }),
      isReachable: () => true,
    },
  );
}

test('PodDns searches as resolv.conf says: domains in order, ndots, hosts first, other servers in vain', () => {
  const own = podDns();
  assert.deepEqual(own.candidates('web.default'), [
    'web.default.default.svc.cluster.local',
    'web.default.svc.cluster.local',
    'web.default.cluster.local',
    'web.default',
  ]);
  const addresses = [
    'web',
    'web.default',
    'web.default.svc',
    'web.default.svc.cluster.local',
    'db-0.db',
    'web.',
    '10.1.2.3',
  ].map((name) => own.addresses(name).join(' '));
  assert.deepEqual(addresses, [
    '10.96.0.50',
    '10.96.0.50',
    '10.96.0.50',
    '10.96.0.50',
    '10.244.1.5',
    '',
    '10.1.2.3',
  ]);
  assert.deepEqual(podDns({ ndots: 1 }).candidates('web.default')[0], 'web.default');
  const hosts = new Map([['db.example', '10.9.9.9']]);
  assert.deepEqual(podDns({ hosts }).addresses('DB.example'), ['10.9.9.9']);
  assert.deepEqual(podDns({ servers: ['1.1.1.1'] }).addresses('web'), []);
});

test('PodDns remembers addresses until a Service or an endpoint changes', () => {
  const client = new FakeClusterClient(OBJECTS);
  const changing = new ServiceTable(client, () => undefined);
  let asked = 0;
  const dns = new PodDns(clusterFirst('default'), {
    ask: (name, type) => {
      asked++;
      return answerDns(name, type, { table: changing, outside: NO_OUTSIDE });
    },
    isReachable: () => true,
    revision: () => changing.revision,
  });
  const seen = [dns.addresses('web'), dns.addresses('web')];
  client.put(service('web', { clusterIP: '10.96.0.51', ports: [] }));
  seen.push(dns.addresses('web'));
  assert.deepEqual([seen, asked], [[['10.96.0.50'], ['10.96.0.50'], ['10.96.0.51']], 2]);
});
