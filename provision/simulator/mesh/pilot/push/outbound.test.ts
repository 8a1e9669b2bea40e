import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationOf, istio, listenerLines, routeLines, service } from '../../testbed/push.ts';

const ports = (...written: readonly [string, number][]) =>
  written.map(([protocol, number]) => ({
    number,
    name: `${protocol.toLowerCase()}-${number}`,
    protocol,
  }));
const SNIFFED = 'http/1.1,h2c';

test('A ServiceEntry without addresses makes routes for its HTTP ports and SNI chains for its TLS ports', () => {
  const entry = istio('ServiceEntry', 'cnn', {
    hosts: ['edition.cnn.com', '*.wikipedia.org'],
    ports: ports(['HTTP', 80], ['TLS', 443]),
    resolution: 'DNS',
  });
  const configuration = configurationOf([entry]);
  assert.deepEqual(listenerLines(configuration), [
    `0.0.0.0_80 ${SNIFFED} → routes 80`,
    '0.0.0.0_80 else → PassthroughCluster',
    '0.0.0.0_443 SNI *.wikipedia.org → outbound|443||*.wikipedia.org',
    '0.0.0.0_443 SNI edition.cnn.com → outbound|443||edition.cnn.com',
    '0.0.0.0_443 else → PassthroughCluster',
  ]);
  assert.deepEqual(routeLines(configuration.routeConfiguration('80')), [
    'edition.cnn.com:80 [edition.cnn.com] /* → outbound|80||edition.cnn.com',
    '*.wikipedia.org:80 [*.wikipedia.org] /* → outbound|80||*.wikipedia.org',
    'allow_any [*] /* → PassthroughCluster',
  ]);
  const cluster = configuration.cluster('outbound|443||edition.cnn.com');
  assert.deepEqual(
    [cluster?.type, cluster?.names, cluster?.isExternal],
    ['STRICT_DNS', [{ name: 'edition.cnn.com', port: 443 }], true],
  );
});

test('With REGISTRY_ONLY requests to unknown hosts get 502, and connections go nowhere; a Sidecar decides for itself', () => {
  const entry = istio('ServiceEntry', 'web', {
    hosts: ['example.com'],
    ports: ports(['HTTP', 80], ['TLS', 443]),
    resolution: 'DNS',
  });
  const sidecar = istio('Sidecar', 'open', {
    workloadSelector: { labels: { app: 'client' } },
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  });
  const mesh = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } };
  const strict = configurationOf([entry], { mesh });
  const open = configurationOf([entry, sidecar], { mesh });
  assert.deepEqual(
    listenerLines(strict).filter((line) => line.includes('else')),
    ['0.0.0.0_80 else → BlackHoleCluster', '0.0.0.0_443 else → BlackHoleCluster'],
  );
  assert.equal(routeLines(strict.routeConfiguration('80')).at(-1), 'block_all [*] /* → 502');
  assert.equal(strict.outboundListener('1.1.1.1', 25).chains.at(-1)?.filter.type, 'tcp');
  assert.equal(
    routeLines(open.routeConfiguration('80')).at(-1),
    'allow_any [*] /* → PassthroughCluster',
  );
});

test('ServiceEntries give endpoints as written, with their own ports, ranges of addresses, and none for resolution NONE', () => {
  const configuration = configurationOf([
    istio('ServiceEntry', 'mongo', {
      hosts: ['mongo.example'],
      addresses: ['192.192.192.0/24', '10.1.1.1/32'],
      ports: ports(['MONGO', 27017]),
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      endpoints: [
        { address: '2.2.2.2', labels: { version: 'v1' } },
        {
          address: '3.3.3.3',
          ports: { 'mongo-27017': 5555 },
          labels: { version: 'v2' },
          weight: 3,
        },
      ],
    }),
    istio('ServiceEntry', 'anything', {
      hosts: ['tcp.example'],
      ports: ports(['TCP', 9999]),
    }),
    istio('DestinationRule', 'mongo', {
      host: 'mongo.example',
      subsets: [{ name: 'two', labels: { version: 'v2' } }],
    }),
  ]);
  assert.deepEqual(listenerLines(configuration), [
    '0.0.0.0_9999 ALL → outbound|9999||tcp.example',
    '0.0.0.0_27017 192.192.192.0/24 → outbound|27017||mongo.example',
    '0.0.0.0_27017 else → PassthroughCluster',
    '10.1.1.1_27017 ALL → outbound|27017||mongo.example',
  ]);
  const endpoints = (name: string) =>
    configuration.cluster(name)?.endpoints.map(({ ip, port, weight }) => [ip, port, weight]);
  assert.deepEqual(endpoints('outbound|27017||mongo.example'), [
    ['2.2.2.2', 27017, undefined],
    ['3.3.3.3', 5555, 3],
  ]);
  assert.deepEqual(endpoints('outbound|27017|two|mongo.example'), [['3.3.3.3', 5555, 3]]);
  assert.equal(configuration.cluster('outbound|9999||tcp.example')?.type, 'ORIGINAL_DST');
});

const pod = (name: string, ip: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'details' } },
  spec: { containers: [] },
  status: { phase: 'Running', podIP: ip },
});

test('A ServiceEntry that selects workloads leads to pods and WorkloadEntries of its namespace; Services select WorkloadEntries too', () => {
  const [own, slice] = service('details', { http: 9080 });
  const configuration = configurationOf([
    pod('details-1', '10.244.1.20'),
    istio('WorkloadEntry', 'vm', {
      address: '2.2.2.2',
      labels: { app: 'details' },
      serviceAccount: 'details',
    }),
    istio('ServiceEntry', 'details', {
      hosts: ['details.example'],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 9080 }],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      workloadSelector: { labels: { app: 'details' } },
    }),
    ...(own && slice
      ? [{ ...own, spec: { ...Object(own['spec']), selector: { app: 'details' } } }, slice]
      : []),
  ]);
  const places = (name: string) =>
    configuration
      .cluster(name)
      ?.endpoints.map(({ ip, port, hasSidecar, workload }) => [
        ip,
        port,
        hasSidecar,
        workload?.workload,
      ]);
  assert.deepEqual(places('outbound|80||details.example'), [
    ['2.2.2.2', 9080, true, 'vm'],
    ['10.244.1.20', 9080, false, 'details-1'],
  ]);
  assert.deepEqual(places('outbound|9080||details.default.svc.cluster.local'), [
    ['2.2.2.2', 9080, true, 'vm'],
  ]);
});

test('Headless Services listen at the addresses of their pods, and take the names of pods; ExternalName is another name', () => {
  const configuration = configurationOf([
    ...service('db', { tcp: 3306, http: 80 }, { ip: 'None', pods: ['10.244.1.5'] }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'alias', namespace: 'default' },
      spec: { type: 'ExternalName', externalName: 'db.default.svc.cluster.local' },
    },
  ]);
  assert.deepEqual(listenerLines(configuration), [
    `0.0.0.0_80 ${SNIFFED} → routes 80`,
    '0.0.0.0_80 else → PassthroughCluster',
    '10.244.1.5_3306 ALL → outbound|3306||db.default.svc.cluster.local',
  ]);
  const [host] = configuration.routeConfiguration('80').virtualHosts;
  assert.deepEqual(
    host?.domains.filter((domain) => domain.includes('alias')),
    [
      'alias.default.svc.cluster.local',
      'alias.default.svc.cluster.local.',
      'alias',
      'alias.default',
      'alias.default.svc',
      '*.alias.default.svc.cluster.local',
      '*.alias.default.svc.cluster.local.',
      '*.alias',
      '*.alias.default',
      '*.alias.default.svc',
    ],
  );
  assert.ok(host?.domains.includes('*.db'));
  assert.equal(
    configuration.cluster('outbound|80||db.default.svc.cluster.local')?.type,
    'ORIGINAL_DST',
  );
});

test('Rules for TCP and TLS choose by port, destination and SNI; weights and labels of the caller count', () => {
  const configuration = configurationOf([
    ...service('tcp-echo', { tcp: 9000 }),
    istio('VirtualService', 'tcp-echo', {
      hosts: ['tcp-echo'],
      tcp: [
        {
          match: [{ sourceLabels: { app: 'other' } }],
          route: [{ destination: { host: 'nowhere' } }],
        },
        {
          match: [{ destinationSubnets: ['10.96.1.0/24'], port: 9000 }],
          route: [{ destination: { host: 'tcp-echo', subset: 'v9' } }],
        },
        {
          match: [{ port: 9000 }],
          route: [
            { destination: { host: 'tcp-echo', subset: 'v1' }, weight: 80 },
            { destination: { host: 'tcp-echo', subset: 'v2' }, weight: 20 },
          ],
        },
      ],
    }),
    istio('ServiceEntry', 'cnn', {
      hosts: ['edition.cnn.com'],
      ports: ports(['TLS', 443]),
      resolution: 'DNS',
    }),
    ...service('egress', { tls: 443 }, { ip: '10.96.1.2', namespace: 'istio-system' }),
    istio('VirtualService', 'cnn', {
      hosts: ['edition.cnn.com'],
      gateways: ['mesh', 'egress'],
      tls: [
        {
          match: [{ gateways: ['mesh'], port: 443, sniHosts: ['edition.cnn.com'] }],
          route: [
            {
              destination: { host: 'egress.istio-system.svc.cluster.local', port: { number: 443 } },
            },
          ],
        },
        {
          match: [{ gateways: ['egress'], port: 443, sniHosts: ['edition.cnn.com'] }],
          route: [{ destination: { host: 'edition.cnn.com', port: { number: 443 } } }],
        },
      ],
    }),
  ]);
  const echo = 'tcp-echo.default.svc.cluster.local';
  assert.deepEqual(listenerLines(configuration), [
    '0.0.0.0_443 SNI edition.cnn.com → outbound|443||egress.istio-system.svc.cluster.local',
    '0.0.0.0_443 else → PassthroughCluster',
    '10.96.1.2_443 ALL → outbound|443||egress.istio-system.svc.cluster.local',
    `10.96.1.1_9000 10.96.1.0/24 → outbound|9000|v9|${echo}`,
    `10.96.1.1_9000 ALL → 80% outbound|9000|v1|${echo}, 20% outbound|9000|v2|${echo}`,
  ]);
});

const entry = (name: string, protocol: string, created: number) =>
  istio(
    'ServiceEntry',
    name,
    { hosts: [`${name}.example`], ports: ports([protocol, 8888]), resolution: 'DNS' },
    created,
  );

test('Of services that want one port without an address for different protocols the oldest has it', () => {
  const first = configurationOf([entry('web', 'HTTP', 2), entry('bytes', 'TCP', 1)]);
  const second = configurationOf([entry('web', 'HTTP', 1), entry('bytes', 'TCP', 2)]);
  assert.deepEqual(listenerLines(first), ['0.0.0.0_8888 ALL → outbound|8888||bytes.example']);
  assert.deepEqual(listenerLines(second), [
    `0.0.0.0_8888 ${SNIFFED} → routes 8888`,
    '0.0.0.0_8888 else → PassthroughCluster',
  ]);
});
