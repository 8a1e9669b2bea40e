import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { FakeClock } from '../fake-clock.ts';
import { GATEWAY_IP, plainClient, startMesh } from './testbed/mesh.ts';
import { istio } from './testbed/push.ts';

const CHANGE_MS = 200;

async function startHostileMesh() {
  const clock = new FakeClock();
  const testbed = startMesh({ clock, random: () => 0 });
  await clock.advance(3_000);
  const client = plainClient(testbed);
  return { clock, testbed, client };
}

function gateway(name: string, port: number, protocol = 'HTTP') {
  return istio('Gateway', name, {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: port, name, protocol }, hosts: ['*'] }],
  });
}

test('a Gateway for a port that the proxy itself has is refused in its log, and its other ports open', async () => {
  const { clock, testbed, client } = await startHostileMesh();
  using _ = testbed;
  for (const port of [15_000, 15_020, 15_021, 15_090]) {
    testbed.tables.put(gateway(`taken-${port}`, port));
  }
  testbed.tables.put(gateway('free', 8080));
  testbed.tables.put(
    istio('VirtualService', 'free', {
      hosts: ['*'],
      gateways: ['free'],
      http: [{ directResponse: { status: 203 } }],
    }),
  );
  await clock.advance(CHANGE_MS);
  const { status } = await testbed.get(client, `http://${GATEWAY_IP}/`);
  assert.equal(status, 203);
  const refused = testbed.logs
    .get('istio-ingressgateway/istio-proxy')
    ?.flatMap((line) => /cannot bind .*/.exec(line) ?? []);
  assert.deepEqual(
    [...new Set(refused)].toSorted(),
    [15_000, 15_020, 15_021, 15_090].map(
      (port) => `cannot bind '0.0.0.0:${port}': Address already in use`,
    ),
  );
});

test('a gateway that routes to itself, and copies to itself, ends with a refusal, and others get their turn meanwhile', async () => {
  const { clock, testbed, client } = await startHostileMesh();
  using _ = testbed;
  const self = {
    host: 'istio-ingressgateway.istio-system.svc.cluster.local',
    port: { number: 80 },
  };
  testbed.tables.put(gateway('loop', 8080));
  testbed.tables.put(
    istio('VirtualService', 'loop', {
      hosts: ['*'],
      gateways: ['loop'],
      http: [{ route: [{ destination: self }], mirrors: [{ destination: self }] }],
    }),
  );
  await clock.advance(CHANGE_MS);
  let turns = 0;
  const others = setInterval(() => turns++, 1);
  const { status, body } = await testbed.get(client, `http://${GATEWAY_IP}/`);
  clearInterval(others);
  assert.deepEqual([status, Buffer.from(body).toString()], [503, 'envoy overloaded']);
  assert.ok(turns > 5, `${turns} turns`);
});

test('byte streams that a gateway leads to itself end with a reset instead of in the memory of the process', async () => {
  const { clock, testbed, client } = await startHostileMesh();
  using _ = testbed;
  const self = {
    host: 'istio-ingressgateway.istio-system.svc.cluster.local',
    port: { number: 80 },
  };
  testbed.tables.put(gateway('loop', 8080, 'TCP'));
  testbed.tables.put(
    istio('VirtualService', 'loop', {
      hosts: ['*'],
      gateways: ['loop'],
      tcp: [{ route: [{ destination: self }] }],
    }),
  );
  await clock.advance(CHANGE_MS);
  const connection = await client.connect({ host: GATEWAY_IP, port: 80 });
  connection.on('error', () => undefined);
  const over = once(connection, 'close');
  connection.write('x');
  await over;
  assert.equal(connection.destroyed, true);
});
