import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startTestServer } from './support/server.ts';

test('a browser that asks before the server is ready is answered as soon as it is', async () => {
  const port = await freePort();
  let isReady = false;
  const starting = startTestServer({ port: String(port) }).finally(() => (isReady = true));
  const socket = await connectSoon(port, () => !isReady);
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.equal(isReady, false);
  await using running = await starting;
  assert.equal(running.server.url, `http://127.0.0.1:${port}`);
  const answer = await text(socket);
  assert.equal(answer.split('\r\n')[0], 'HTTP/1.1 200 OK');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** A connection to the port as soon as somebody listens there; tries while `mayTry`. */
async function connectSoon(port: number, mayTry: () => boolean): Promise<Socket> {
  while (mayTry()) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await pause(5);
    }
  }
  throw new Error('The server was ready before it could be asked');
}
