import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';

import { inspect, inspectBytes, type Inspected } from './inspect.ts';

/** The first bytes that a client of TLS sends. */
async function clientHello(options: ConnectionOptions): Promise<Buffer> {
  const [near, far] = duplexPair();
  const secure = connect({ ...options, socket: near });
  secure.on('error', () => undefined);
  const hello = await new Promise<Buffer>((resolve) => void far.once('data', resolve));
  secure.destroy();
  near.destroy();
  return hello;
}

function facts(inspected: Inspected | undefined) {
  return inspected && [inspected.transport, inspected.serverName, inspected.applicationProtocols];
}

test('the first bytes tell TLS with its SNI and ALPN, HTTP by its version, and anything else', async () => {
  const hello = await clientHello({
    servername: 'Reviews.Example.com',
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  const nameless = await clientHello({});
  assert.deepEqual(
    [
      hello,
      nameless,
      Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n'),
      Buffer.from('GET / HTTP/1.0\r\n'),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('hello\n'),
      Buffer.from('GET lost\r\n'),
    ].map((bytes) => facts(inspectBytes(bytes))),
    [
      ['tls', 'reviews.example.com', ['h2', 'http/1.1']],
      ['tls', undefined, []],
      ['raw_buffer', undefined, ['http/1.1']],
      ['raw_buffer', undefined, ['http/1.0']],
      ['raw_buffer', undefined, ['h2c']],
      ['raw_buffer', undefined, []],
      ['raw_buffer', undefined, []],
    ],
  );
});

test('every beginning of a ClientHello or a request line asks for more, and broken ones are no TLS', async () => {
  const hello = await clientHello({ servername: 'a.example.com' });
  for (let length = 0; length < hello.length; length += 7) {
    assert.equal(inspectBytes(hello.subarray(0, length)), undefined);
  }
  assert.equal(inspectBytes(Buffer.from('PRI * HT')), undefined);
  assert.equal(inspectBytes(Buffer.from('DELETE /things')), undefined);
  for (let at = 6; at < hello.length; at += 11) {
    const broken = Buffer.from(hello);
    broken.fill(0xff, at, at + 2);
    assert.ok(inspectBytes(broken));
  }
});

test('inspect() puts back what it has looked at, and knows a client that has gone', async () => {
  const [client, server] = duplexPair();
  const inspecting = inspect(server);
  for (const piece of ['GE', 'T / HT', 'TP/1.1\r\n', 'host: a\r\n\r\n']) {
    client.write(piece);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  client.end();
  assert.deepEqual((await inspecting)?.applicationProtocols, ['http/1.1']);
  let all = '';
  for await (const chunk of server) all += String(chunk);
  assert.equal(all, 'GET / HTTP/1.1\r\nhost: a\r\n\r\n');

  const [gone, waiting] = duplexPair();
  gone.end();
  assert.equal(await inspect(waiting), undefined);
});
