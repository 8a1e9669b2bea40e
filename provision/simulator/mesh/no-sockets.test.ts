import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { HttpHeaders } from '../net/http.ts';
import { fetchText } from './pilot/push/security/jwks/fetch-keys.ts';
import { istio } from './testbed/push.ts';
import { httpServer, startSmallMesh } from './testbed/small-mesh.ts';

/** Calls `work` while something listens on this machine's own loopback; how many sockets were opened and accepted meanwhile. */
async function countSockets(work: (port: number) => Promise<void>) {
  let opened = 0;
  let accepted = 0;
  const onSocket = () => opened++;
  const server = createServer((socket) => {
    accepted++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  subscribe('net.client.socket', onSocket);
  try {
    await work(typeof address === 'object' && address ? address.port : 0);
  } finally {
    unsubscribe('net.client.socket', onSocket);
    server.close();
  }
  return { opened, accepted };
}

test("whatever address a learner writes, nothing in the mesh reaches this machine's own network", async () => {
  const server = httpServer('web', async () => ({
    status: 200,
    headers: new HttpHeaders(),
    body: new Uint8Array(),
  }));
  const mesh = await startSmallMesh([server]);
  using _ = mesh.testbed;
  const statuses: number[] = [];
  const sockets = await countSockets(async (port) => {
    for (const address of ['127.0.0.1', '169.254.169.254', '172.30.1.2', '::1', '0.0.0.0']) {
      for (const mode of ['DISABLE', 'SIMPLE']) {
        await mesh.put(
          istio('ServiceEntry', 'probe', {
            hosts: ['probe.example'],
            addresses: ['240.1.1.1'],
            ports: [{ number: port, name: 'http', protocol: 'HTTP' }],
            resolution: 'STATIC',
            endpoints: [{ address }],
          }),
        );
        await mesh.put(
          istio('DestinationRule', 'probe', {
            host: 'probe.example',
            trafficPolicy: { tls: { mode } },
          }),
        );
        const asked = mesh.get(`http://240.1.1.1:${port}/`, { host: `probe.example:${port}` });
        await mesh.clock.advance(60_000);
        statuses.push((await asked).status);
      }
      for (const scheme of ['http', 'https']) {
        const host = address.includes(':') ? `[${address}]` : address;
        const fetcher = { network: mesh.network('web'), authorities: () => '' };
        const fetched = fetchText(
          `${scheme}://${host}:${port}/jwks`,
          fetcher,
          new AbortController().signal,
        );
        const failed = assert.rejects(fetched);
        await mesh.clock.advance(200_000);
        await failed;
      }
    }
  });
  assert.deepEqual(sockets, { opened: 0, accepted: 0 });
  assert.deepEqual([...new Set(statuses)], [503]);
});
