import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { type Boxes, makeBoxes, output } from './boxes.ts';

let boxes: Boxes;

before(async () => {
  boxes = await makeBoxes();
});

after(async () => boxes[Symbol.asyncDispose]());

/** A server of this machine that counts who reaches it. */
async function serverAt(address: { readonly host: string; readonly port: 0 } | string) {
  const reached: unknown[] = [];
  const server = createServer((socket) => {
    reached.push(socket.remoteAddress);
    socket.end('the machine itself');
  });
  server.listen(address);
  await once(server, 'listening');
  return { server, reached };
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

test('ports of the server’s loopback are those of the box, where nobody listens', async () => {
  const { server, reached } = await serverAt({ host: '127.0.0.1', port: 0 });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  assert.match(
    await output(boxes.box, `curl -sS -m 5 http://127.0.0.1:${port}/`),
    /^curl: \(7\) [^\n]*\n$/,
  );
  assert.deepEqual(reached, []);
  await close(server);
});

const connect = (name: string) =>
  `socket(my $s, 1, 1, 0); print connect($s, pack("S a*", 1, "${name}")) ? "in " : "refused "`;

test('abstract sockets of the machine, and those with a path, do not exist in a box', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-host-'));
  const [abstract, named] = [`\0regatta-${process.pid}`, path.join(folder, 'socket')];
  const listening = await Promise.all([serverAt(abstract), serverAt(named)]);
  const script = [abstract.replace('\0', String.raw`\0`), named].map(connect).join('; ');
  assert.equal(await output(boxes.box, `perl -e '${script}'`), 'refused refused ');
  assert.deepEqual(
    listening.flatMap(({ reached }) => reached),
    [],
  );
  await Promise.all(listening.map(({ server }) => close(server)));
  await rm(folder, { recursive: true });
});

test('there is no way out: no device but the loopback, no route, no name', async () => {
  assert.equal(
    await output(
      boxes.box,
      'tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d " "; ip route; ip -6 route',
    ),
    'lo\n',
  );
  assert.match(
    await output(
      boxes.box,
      'for host in 1.1.1.1 169.254.169.254 "[2606:4700::1111]" example.com; do curl -sS -m 5 http://$host/; done',
    ),
    /^(curl: \((6|7)\) [^\n]*\n){4}$/,
  );
});

test('what listens for one learner is in no other’s network, nor on the machine', async () => {
  const [entry] = await boxes.box.listen([{ ip: '10.96.7.7', port: 443 }]);
  assert.ok(entry && 'socket' in entry);
  entry.socket.on('connection', (socket) => socket.end('mine'));
  const talk = 'exec 3<>/dev/tcp/10.96.7.7/443 && cat <&3';
  assert.equal(await output(boxes.box, talk), 'mine');
  assert.match(await output(boxes.other, talk), /Connection refused/);
  entry.socket.close();
  assert.match(await output(boxes.box, talk), /Connection refused/);
});

test('many sockets are handed over at once, and none is lost', async () => {
  const addresses = Array.from({ length: 40 }, (_, index) => ({
    ip: `10.96.8.${index + 1}`,
    port: 80 + index,
    ...(index % 4 === 0 && { protocol: 'udp' as const }),
  }));
  const entries = await boxes.box.listen(addresses);
  assert.deepEqual(
    entries.map((entry) => [
      entry.ip,
      entry.port,
      'udp' in entry ? 'udp' : 'socket' in entry && 'tcp',
    ]),
    addresses.map(({ ip, port, ...more }) => [ip, port, 'protocol' in more ? 'udp' : 'tcp']),
  );
  for (const entry of entries) {
    if ('socket' in entry) entry.socket.close();
    if ('udp' in entry) entry.udp.close();
  }
});
