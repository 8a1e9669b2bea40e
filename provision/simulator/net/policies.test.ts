import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeClock } from '../fake-clock.ts';
import type { JsonObject, KubeObject } from '../kinds/object.ts';
import { FakeClusterClient, meta } from './fake-cluster-client.ts';
import { HttpHeaders, type HttpRequest } from './http.ts';
import type { NetworkInterface } from './network.ts';
import { type Party, PolicyTable } from './policies.ts';
import { VirtualNetwork } from './virtual-network.ts';

/** Pods by name: namespace, label `app`, address. */
const PODS = {
  web: ['default', 'web', '10.244.1.5'],
  client: ['default', 'client', '10.244.1.6'],
  other: ['default', 'other', '10.244.1.7'],
  monitor: ['monitoring', 'client', '10.244.1.8'],
} as const;
const OUTSIDE: Party = { ip: '203.0.113.9' };
const NODE: Party = { ip: '172.30.1.2' };

function podObject(name: keyof typeof PODS): KubeObject {
  const [namespace, app, podIP] = PODS[name];
  const ports = [
    { name: 'http', containerPort: 80 },
    { name: 'metrics', containerPort: 9090 },
  ];
  const parts = { spec: { containers: [{ name: 'c', ports }] }, status: { podIP } };
  return { apiVersion: 'v1', kind: 'Pod', metadata: meta(name, { app }, namespace), ...parts };
}

function party(name: keyof typeof PODS): Party {
  const [namespace, , ip] = PODS[name];
  return { ip, namespace, podName: name };
}

function namespaceObject(name: string): KubeObject {
  const labels = { 'kubernetes.io/metadata.name': name };
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...meta(name, labels), namespace: '' },
  };
}

function policy(spec: JsonObject, name = 'policy'): KubeObject & { readonly spec: JsonObject } {
  const metadata = meta(name);
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
}

const OBJECTS = [
  podObject('web'),
  podObject('client'),
  podObject('other'),
  podObject('monitor'),
  namespaceObject('default'),
  namespaceObject('monitoring'),
];
const WEB = { matchLabels: { app: 'web' } };
const CLIENT = { matchLabels: { app: 'client' } };
const MONITORING = { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } };
const EVERYBODY = ['client', 'other', 'monitor', 'outside', 'node'] as const;

/** Who of all may open port 80 (or another) of `web`, and what `web` may open. */
function reach(policies: readonly KubeObject[], port = 80) {
  using table = new PolicyTable(new FakeClusterClient([...OBJECTS, ...policies]));
  const parties = new Map<string, Party>([
    ['client', party('client')],
    ['other', party('other')],
    ['monitor', party('monitor')],
    ['outside', OUTSIDE],
    ['node', NODE],
  ]);
  const isOpen = (from: Party | undefined, to: Party | undefined) =>
    from && to && table.allows({ from, to, port, protocol: 'TCP' });
  return {
    in: EVERYBODY.filter((name) => isOpen(parties.get(name), party('web'))).join(' '),
    out: EVERYBODY.filter((name) => isOpen(party('web'), parties.get(name))).join(' '),
  };
}

const ALL = EVERYBODY.join(' ');

test('NetworkPolicies let through what their rules say, each direction for itself', () => {
  const rows: readonly (readonly [what: string, spec: JsonObject, expected: object])[] = [
    [
      'a policy for other pods',
      { podSelector: CLIENT, ingress: [] },
      { in: ALL, out: 'other monitor outside node' },
    ],
    ['no rule: nothing comes in', { podSelector: WEB }, { in: 'outside node', out: ALL }],
    [
      'all pods of the namespace',
      { podSelector: {}, policyTypes: ['Ingress'] },
      { in: 'outside node', out: 'monitor outside node' },
    ],
    ['an empty rule: all comes in', { podSelector: WEB, ingress: [{}] }, { in: ALL, out: ALL }],
    ['nothing goes out', { podSelector: WEB, policyTypes: ['Egress'] }, { in: ALL, out: '' }],
    [
      'neither',
      { podSelector: WEB, policyTypes: ['Ingress', 'Egress'] },
      { in: 'outside node', out: '' },
    ],
    [
      'egress rules isolate both directions',
      { podSelector: WEB, egress: [{}] },
      { in: 'outside node', out: ALL },
    ],
    [
      'pods of the same namespace',
      { podSelector: WEB, ingress: [{ from: [{ podSelector: CLIENT }] }] },
      { in: 'client outside node', out: ALL },
    ],
    [
      'pods of a namespace',
      { podSelector: WEB, ingress: [{ from: [{ namespaceSelector: MONITORING }] }] },
      { in: 'monitor outside node', out: ALL },
    ],
    [
      'pods of all namespaces',
      { podSelector: WEB, ingress: [{ from: [{ namespaceSelector: {} }] }] },
      { in: 'client other monitor outside node', out: ALL },
    ],
    [
      'both in one peer',
      {
        podSelector: WEB,
        ingress: [{ from: [{ namespaceSelector: MONITORING, podSelector: WEB }] }],
      },
      { in: 'outside node', out: ALL },
    ],
    [
      'either of two peers',
      {
        podSelector: WEB,
        ingress: [{ from: [{ namespaceSelector: MONITORING }, { podSelector: CLIENT }] }],
      },
      { in: 'client monitor outside node', out: ALL },
    ],
    [
      'addresses with an exception',
      {
        podSelector: WEB,
        egress: [{ to: [{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.7/32'] } }] }],
        policyTypes: ['Egress'],
      },
      { in: ALL, out: 'client monitor' },
    ],
    [
      'a port by number',
      { podSelector: WEB, ingress: [{ ports: [{ port: 80 }] }] },
      { in: ALL, out: ALL },
    ],
    [
      'a port by name',
      { podSelector: WEB, ingress: [{ ports: [{ port: 'http' }] }] },
      { in: ALL, out: ALL },
    ],
    [
      'another port by name',
      { podSelector: WEB, ingress: [{ ports: [{ port: 'metrics' }] }] },
      { in: 'outside node', out: ALL },
    ],
    [
      'a range of ports',
      { podSelector: WEB, ingress: [{ ports: [{ port: 79, endPort: 81 }] }] },
      { in: ALL, out: ALL },
    ],
    [
      'another protocol',
      { podSelector: WEB, ingress: [{ ports: [{ port: 80, protocol: 'UDP' }] }] },
      { in: 'outside node', out: ALL },
    ],
    [
      'names of ports are those of the pod that is called',
      { podSelector: WEB, egress: [{ ports: [{ port: 'http' }] }], policyTypes: ['Egress'] },
      { in: ALL, out: 'client other monitor' },
    ],
  ];
  for (const [what, spec, expected] of rows)
    assert.deepEqual(reach([policy(spec)]), expected, what);
});

test('NetworkPolicies of one pod add up, and leave with the last of them', () => {
  const client = new FakeClusterClient(OBJECTS);
  using table = new PolicyTable(client);
  const connection = { from: party('other'), to: party('web'), port: 80, protocol: 'TCP' } as const;
  const deny = policy({ podSelector: {}, policyTypes: ['Ingress'] }, 'deny');
  const allow = policy({ podSelector: WEB, ingress: [{}] }, 'allow');
  const seen = [table.allows(connection)];
  for (const change of [
    () => client.put(deny),
    () => client.put(allow),
    () => client.remove(allow),
    () => client.remove(deny),
  ]) {
    change();
    seen.push(table.allows(connection));
  }
  assert.deepEqual(seen, [true, false, true, false, true]);
  assert.equal(table.isEmpty, true);
});

function get(signal?: AbortSignal): HttpRequest {
  const common = { method: 'GET', path: '/', authority: 'web', headers: new HttpHeaders() };
  return { ...common, body: new Uint8Array(), ...(signal && { signal }) };
}

function makeNetwork(policies: readonly KubeObject[]) {
  const clock = new FakeClock();
  const client = new FakeClusterClient([...OBJECTS, ...DNS, ...policies]);
  const network = new VirtualNetwork({ client, clock, random: () => 0 });
  const attach = (name: keyof typeof PODS): NetworkInterface => {
    const { ip, namespace = '', podName = '' } = party(name);
    return network.attach({ ip, namespace, podName });
  };
  const web = attach('web');
  web.listen(80, {
    type: 'http',
    handle: async () => ({ status: 200, headers: new HttpHeaders(), body: Buffer.from('hello') }),
  });
  return { clock, network, caller: attach('client') };
}

/** CoreDNS at a pod's address, and Service `web`. */
const DNS: readonly (KubeObject & JsonObject)[] = [
  service('kube-dns', 'kube-system', '10.96.0.10'),
  slice('kube-dns', 'kube-system', '10.244.0.2', 53),
  service('web', 'default', '10.96.0.50'),
  slice('web', 'default', '10.244.1.5', 80),
];

function service(name: string, namespace: string, clusterIP: string) {
  const spec = { clusterIP, ports: [{ name: 'p', port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: meta(name, {}, namespace), spec };
}

function slice(name: string, namespace: string, ip: string, port: number) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta(name, { 'kubernetes.io/service-name': name }, namespace),
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: 'p', port }],
  };
}

/** What becomes of a promise while time passes: its value or the code of its error, and after how many seconds. */
async function outcome(clock: FakeClock, work: Promise<{ readonly status: number }>) {
  const startMs = clock.now();
  const settled = work.then(
    ({ status }) => `${status} after ${(clock.now() - startMs) / 1000} s`,
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return `${code} after ${(clock.now() - startMs) / 1000} s`;
    },
  );
  await clock.advance(300_000);
  return settled;
}

test('VirtualNetwork drops what a policy forbids: callers wait, for Services, pods and names alike', async () => {
  const deny = policy({ podSelector: WEB, policyTypes: ['Ingress'] });
  const closed = makeNetwork([deny]);
  const mute = makeNetwork([policy({ podSelector: CLIENT, policyTypes: ['Egress'] })]);
  const byName = { host: 'web', port: 80 };
  const byAddress = { host: '10.244.1.5', port: 80 };
  const shut = { host: '10.244.1.5', port: 81 };
  assert.deepEqual(
    [
      await outcome(closed.clock, closed.caller.request(byName, get())),
      await outcome(closed.clock, closed.caller.request(byAddress, get())),
      await outcome(closed.clock, closed.caller.request(shut, get())),
      await outcome(closed.clock, closed.caller.request(byName, get(), { connectTimeoutMs: 2000 })),
      await outcome(closed.clock, closed.caller.deliver({ ip: '10.244.1.5', port: 80 }, get())),
      await outcome(closed.clock, closed.network.host.request(byAddress, get())),
      await outcome(mute.clock, mute.caller.request(byName, get())),
    ],
    [
      'ETIMEDOUT after 134 s',
      'ETIMEDOUT after 134 s',
      'ETIMEDOUT after 134 s',
      'ETIMEDOUT after 2 s',
      'ETIMEDOUT after 10 s',
      '200 after 0 s',
      'ENOTFOUND after 10 s',
    ],
  );
});

test('VirtualNetwork lets a pod ask for names when a policy lets it reach CoreDNS', async () => {
  const toDns = {
    to: [{ ipBlock: { cidr: '10.244.0.2/32' } }],
    ports: [{ port: 53, protocol: 'UDP' }],
  };
  const toWeb = { to: [{ podSelector: WEB }] };
  const rules = { podSelector: CLIENT, policyTypes: ['Egress'], egress: [toDns, toWeb] };
  const { clock, caller } = makeNetwork([policy(rules)]);
  assert.equal(
    await outcome(clock, caller.request({ host: 'web', port: 80 }, get())),
    '200 after 0 s',
  );
});
