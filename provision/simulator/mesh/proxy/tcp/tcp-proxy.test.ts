import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';

import type { NewObject } from '../../../client/client.ts';
import { FakeClock } from '../../../fake-clock.ts';
import type { NetworkInterface } from '../../../net/network.ts';
import { readWhole } from '../../../net/read-whole.ts';
import { idle } from '../../../programs/idle.ts';
import type { Program } from '../../../programs/program.ts';
import { meshPrograms } from '../../index.ts';
import { SIDECAR, startControlPlane } from '../../testbed/mesh.ts';
import { Testbed } from '../../testbed/testbed.ts';

const PORT = 9000;
const SERVICE_IP = '10.96.0.70';

/** Answers every chunk with a word before it, and ends when its client does. */
const echo: Program = {
  matches: (image) => image === 'echo',
  start: ({ network, pod }) =>
    idle(
      network.listen(PORT, {
        type: 'tcp',
        accept: (connection) => {
          connection.on('data', (bytes: Buffer) =>
            connection.write(`${pod.metadata.name} ${String(bytes)}`),
          );
          connection.once('end', () => connection.end());
        },
      }),
    ),
};
const sleeper: Program = { matches: (image) => image === 'sleep', start: () => idle() };

/** istiod, a client with a sidecar, one without, and a TCP server with one behind a Service. */
async function startEcho(objects: readonly NewObject[] = []) {
  const clock = new FakeClock();
  const testbed = new Testbed({
    programs: [...meshPrograms, echo, sleeper],
    clock,
    random: () => 0,
  });
  testbed.tables.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: 'accessLogFile: /dev/stdout' },
  });
  for (const name of ['default', 'istio-system']) {
    testbed.tables.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  startControlPlane(testbed);
  testbed.addService({
    name: 'tcp-echo',
    clusterIp: SERVICE_IP,
    selector: { app: 'tcp-echo' },
    ports: [{ name: 'tcp', port: PORT, targetPort: PORT }],
  });
  for (const object of objects) testbed.tables.put(object);
  const start = (name: string, image: string) =>
    testbed.startPod({
      name,
      labels: { app: name, 'security.istio.io/tlsMode': 'istio' },
      serviceAccount: name,
      containers: [SIDECAR, { name: 'application', image }],
    });
  const client = start('client', 'sleep');
  start('tcp-echo', 'echo');
  const plain = testbed.startPod({
    name: 'plain',
    labels: { app: 'plain' },
    containers: [{ name: 'application', image: 'sleep' }],
  });
  await clock.advance(2_000);
  return {
    clock,
    client,
    plain,
    testbed,
    /** Access log lines of a sidecar, without times and ports that are chosen by chance. */
    log: (name: string) =>
      (testbed.logs.get(`${name}/istio-proxy`) ?? [])
        .slice(1)
        .map((line) => line.replace(/^\[\S+\] /, '').replaceAll(/:3\d{4}\b/g, ':PORT')),
    [Symbol.dispose]: () => testbed[Symbol.dispose](),
  };
}

function open(from: NetworkInterface, port = PORT): Promise<Duplex> {
  return from.connect({ host: 'tcp-echo', port });
}

/** What comes back for some words, or that the connection was reset. */
async function talk(from: NetworkInterface, words: string, port = PORT): Promise<string> {
  const connection = await open(from, port);
  connection.on('error', () => undefined);
  connection.end(words);
  try {
    return String(await readWhole(connection, 1_000));
  } catch {
    return 'reset';
  }
}

test('bytes go through both sidecars in mutual TLS, and each logs the connection from its side', async () => {
  using mesh = await startEcho();
  const timers = mesh.clock.waiting;
  assert.equal(await talk(mesh.client, 'hello'), 'tcp-echo hello');
  await new Promise((resolve) => void setImmediate(resolve));
  // Nothing waits for a connection that is over.
  assert.equal(mesh.clock.waiting, timers);
  const names = 'outbound_.9000_._.tcp-echo.default.svc.cluster.local';
  assert.deepEqual(
    [mesh.log('client'), mesh.log('tcp-echo')],
    [
      [
        '"- - -" 0 - - - "-" 5 14 0 - "-" "-" "-" "-" "10.244.1.4:9000" outbound|9000||tcp-echo.default.svc.cluster.local 10.244.1.3:PORT 10.96.0.70:9000 10.244.1.3:PORT - -',
      ],
      [
        `"- - -" 0 - - - "-" 5 14 0 - "-" "-" "-" "-" "10.244.1.4:9000" inbound|9000|| 127.0.0.6:PORT 10.244.1.4:9000 10.244.1.3:PORT ${names} -`,
      ],
    ],
  );
});

test('STRICT resets plain text and takes mutual TLS, PERMISSIVE takes both; DISABLE towards STRICT is reset', async () => {
  const strict: NewObject = {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'default' },
    spec: { mtls: { mode: 'STRICT' } },
  };
  using mesh = await startEcho();
  assert.equal(await talk(mesh.plain, 'a'), 'tcp-echo a');
  mesh.testbed.tables.put(strict);
  await mesh.clock.advance(200);
  assert.deepEqual(
    [await talk(mesh.plain, 'a'), await talk(mesh.client, 'b')],
    ['reset', 'tcp-echo b'],
  );
  mesh.testbed.tables.put({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'tcp-echo', namespace: 'default' },
    spec: { host: 'tcp-echo', trafficPolicy: { tls: { mode: 'DISABLE' } } },
  });
  await mesh.clock.advance(200);
  assert.equal(await talk(mesh.client, 'c'), 'reset');
});

test('ISTIO_MUTUAL towards a server without a proxy is reset, and the log says why', async () => {
  using mesh = await startEcho([
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'plain-echo', namespace: 'default' },
      spec: { host: 'plain-echo', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
    },
  ]);
  mesh.testbed.addService({
    name: 'plain-echo',
    clusterIp: '10.96.0.71',
    selector: { app: 'plain-echo' },
    ports: [{ name: 'tcp', port: PORT, targetPort: PORT }],
  });
  mesh.testbed.startPod({
    name: 'plain-echo',
    labels: { app: 'plain-echo' },
    containers: [{ name: 'application', image: 'echo' }],
  });
  await mesh.clock.advance(200);
  const connection = await mesh.client.connect({ host: 'plain-echo', port: PORT });
  connection.write('a');
  connection.resume();
  await new Promise((resolve) => void connection.once('close', resolve));
  assert.equal(connection.readableEnded, false);
  assert.match(
    mesh.log('client')[0] ?? '',
    /^"- - -" 0 UF,URX - - "TLS_error:\|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end" 0 0 /,
  );
});

test('where the mesh knows no more than its registry, TLS to the world outside ends in a black hole', async () => {
  using mesh = await startEcho([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'istio', namespace: 'istio-system' },
      data: {
        mesh: 'accessLogFile: /dev/stdout\noutboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n',
      },
    },
  ]);
  const connection = await mesh.client.connect({ host: '203.0.113.11', port: 443 });
  connection.write('anything');
  connection.resume();
  await new Promise((resolve) => void connection.once('close', resolve));
  assert.deepEqual(mesh.log('client'), [
    '"- - -" 0 UH - - "-" 0 0 0 - "-" "-" "-" "-" "-" BlackHoleCluster - 203.0.113.11:443 10.244.1.3:PORT - -',
  ]);
});

test('connecting through a sidecar always works, and what is in the way resets: no endpoint, nothing listening, too many', async () => {
  using mesh = await startEcho([
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'tcp-echo', namespace: 'default' },
      spec: {
        host: 'tcp-echo',
        trafficPolicy: {
          connectionPool: { tcp: { maxConnections: 1, maxConnectionDuration: '60s' } },
        },
      },
    },
  ]);
  const first = await open(mesh.client);
  first.write('one');
  await new Promise((resolve) => void first.once('data', resolve));
  assert.equal(await talk(mesh.client, 'two'), 'reset');
  const closed = new Promise((resolve) => void first.once('close', resolve));
  first.resume();
  await mesh.clock.advance(60_000);
  await closed;
  assert.equal(await talk(mesh.client, 'three'), 'tcp-echo three');
  assert.equal(await talk(mesh.client, 'x', 4_000), 'reset');
  mesh.testbed.stopPod('tcp-echo');
  await mesh.clock.advance(200);
  assert.equal(await talk(mesh.client, 'four'), 'reset');
  const flags = mesh.log('client').map((line) => /^"- - -" 0 (\S+)/.exec(line)?.[1]);
  // The server's own proxy has the same limit of time, and comes first.
  assert.deepEqual(flags, ['UO', 'UC', '-', 'UF,URX', 'UH']);
  assert.match(mesh.log('tcp-echo')[0] ?? '', /^"- - -" 0 DT /);
});
