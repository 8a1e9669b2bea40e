import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { Server } from 'socket.io';
import { WebSocket } from 'ws';

import { UNREAD_BYTES } from '../limits.ts';
import { guardMessages } from './message-gate.ts';

const PIECE = 'x'.repeat(256 * 1024);
/** What the kernel and the connection under way may hold besides. */
const ELSEWHERE_BYTES = 3 * UNREAD_BYTES;

test('a page that reads nothing is given up before what waits for it fills the memory; one that reads gets all', async () => {
  const http = createServer();
  await using io = { server: new Server(http), [Symbol.asyncDispose]: () => io.server.close() };
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const url = `ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const outcomes: boolean[] = [];
  for (const reads of [false, true]) {
    const connected = once(io.server, 'connection');
    const page = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
    page.on('open', () => page.send('40'));
    const [socket] = await connected;
    guardMessages(socket, () => true);
    if (!reads) page.pause();
    for (let sent = 0; sent < ELSEWHERE_BYTES && socket.connected; sent += PIECE.length) {
      socket.emit('piece', PIECE);
      await (reads ? once(socket.conn.transport, 'drain') : new Promise(setImmediate));
    }
    outcomes.push(socket.connected);
    page.terminate();
  }
  assert.deepEqual(outcomes, [false, true]);
});
