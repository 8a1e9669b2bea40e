import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';

import * as fc from 'fast-check';

import { pods } from '../../kinds/resources.ts';
import { WEBSOCKET_MESSAGE_LIMIT_BYTES } from '../limits.ts';
import { RawServer, readAnswer, runs } from './raw-server.ts';

const POD = '/api/v1/namespaces/default/pods/web';

async function startWithPod(): Promise<RawServer> {
  const server = await RawServer.start();
  await server.api.client('fuzz').create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'node01', containers: [{ name: 'web', image: 'nginx' }] },
  });
  return server;
}

/** Switches a connection to a WebSocket and gives it, with the answer's head read. */
async function upgraded(server: RawServer, path: string, protocol: string): Promise<TLSSocket> {
  const socket = await server.open();
  const lines = [
    `GET ${POD}/${path} HTTP/1.1`,
    'host: x',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(protocol === '' ? [] : [`sec-websocket-protocol: ${protocol}`]),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  return socket;
}

/** A frame as a client masks it, here with zeros. */
function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const head = Buffer.from([0x80 | opcode, 0x80 | 126, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

const SWITCHES: readonly (readonly [path: string, protocol: string])[] = [
  ['exec?command=cat&stdin=true&stdout=true', 'v5.channel.k8s.io'],
  ['exec?command=cat&stdin=true&stdout=true', 'v4.base64.channel.k8s.io'],
  ['attach?stdin=true&stdout=true', ''],
  ['portforward?ports=80', 'v4.channel.k8s.io'],
  ['portforward', 'SPDY/3.1+portforward.k8s.io'],
];

test('Switched connections survive any bytes and any messages, and end when the client does', async () => {
  await using server = await startWithPod();
  const message = fc
    .tuple(fc.constantFrom(1, 2, 8, 9, 10, 3), fc.uint8Array({ maxLength: 60 }))
    .map(([opcode, payload]) => clientFrame(opcode, payload));
  const bytes = fc
    .array(fc.oneof(message, fc.uint8Array({ maxLength: 40 })), { maxLength: 6 })
    .map((parts) => Buffer.concat(parts));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SWITCHES), bytes, async ([path, protocol], sent) => {
      const socket = await upgraded(server, path, protocol);
      socket.end(sent);
      await readAnswer(socket);
    }),
    runs(100),
  );
  assert.ok(await server.isWell());
});

test('A message beyond the limit closes its connection with 1009', async () => {
  await using server = await startWithPod();
  const socket = await upgraded(
    server,
    'exec?command=cat&stdin=true&stdout=true',
    'v5.channel.k8s.io',
  );
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  const head = Buffer.alloc(14);
  head.writeUInt8(0x82, 0);
  head.writeUInt8(0xff, 1);
  head.writeBigUInt64BE(BigInt(WEBSOCKET_MESSAGE_LIMIT_BYTES + 1), 2);
  socket.write(head);
  await once(socket, 'close');
  const all = Buffer.concat(received);
  assert.equal(all.subarray(-2).readUInt16BE(0), 1009);
});
