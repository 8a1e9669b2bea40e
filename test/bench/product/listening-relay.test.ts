import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';

import { startRelay } from './listening-relay.ts';

test('startRelay() passes bytes on and counts the time in which the last word was the client’s', async () => {
  const server = createServer((socket) =>
    socket.on('data', (data) => socket.write(`<${String(data)}>`)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  await using relay = await startRelay(address.port);
  const client = connect(relay.port, '127.0.0.1');
  const startMs = performance.now();
  client.write('hello');
  const [answer] = await once(client, 'data');
  const wholeMs = performance.now() - startMs;
  assert.equal(String(answer), '<hello>');
  const waitedMs = relay.takeWaitedMs();
  assert.ok(waitedMs > 0 && waitedMs < wholeMs, `${waitedMs} ms of ${wholeMs} ms`);
  assert.equal(relay.takeWaitedMs(), 0);
  client.destroy();
  server.close();
  await once(server, 'close');
});
