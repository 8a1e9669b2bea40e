import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';

import packet, { type DecodedPacket, type Packet } from 'dns-packet';

import { serveDns } from './dns-server.ts';
import type { DnsAnswer, DnsType } from './dns.ts';
import { DNS_QUERIES_PER_SECOND } from './limits.ts';

/** A cluster of some names. */
function ask(name: string, type: DnsType): DnsAnswer {
  const has = (data: string): DnsAnswer => ({
    code: 'NOERROR',
    records: type === 'A' ? [{ name, type, data }] : [],
  });
  if (name === 'web.default.svc.cluster.local') return has('10.96.0.50');
  if (name === 'many.default.svc.cluster.local') {
    const records = Array.from({ length: 100 }, (_, n) => ({
      name,
      type: 'A' as const,
      data: `10.244.1.${n}`,
    }));
    return { code: 'NOERROR', records };
  }
  if (name.startsWith('_http.')) {
    return { code: 'NOERROR', records: [{ name, type: 'SRV', data: '0 100 80 web.local' }] };
  }
  return { code: 'NXDOMAIN', records: [] };
}

async function overUdp(message: Buffer): Promise<DecodedPacket> {
  const server = createSocket('udp4');
  const client = createSocket('udp4');
  try {
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    serveDns(server, ask);
    client.send(message, server.address().port, '127.0.0.1');
    const answer = new Promise<Buffer>((resolve) => client.once('message', resolve));
    return packet.decode(await answer);
  } finally {
    server.close();
    client.close();
  }
}

function query(name: string, type: 'A' | 'AAAA' | 'SRV' | 'NULL' = 'A', more: Packet = {}): Packet {
  const flags = packet.RECURSION_DESIRED;
  return { type: 'query', id: 7, flags, questions: [{ type, name, class: 'IN' }], ...more };
}

interface Told {
  readonly rcode: unknown;
  readonly answers: readonly unknown[];
  readonly isCut: boolean;
}

function told(answer: DecodedPacket): Told {
  const answers = (answer.answers ?? []).map((one) => ('data' in one ? one.data : undefined));
  const rcode = 'rcode' in answer ? answer.rcode : undefined;
  return { rcode, answers, isCut: answer.flag_tc };
}

test('a name server answers by UDP what the cluster knows, and at once what it does not', async () => {
  const web = 'web.default.svc.cluster.local';
  const ofWeb = await overUdp(packet.encode(query(web)));
  assert.deepEqual(
    { id: ofWeb.id, ...told(ofWeb), questions: ofWeb.questions },
    {
      id: 7,
      rcode: 'NOERROR',
      answers: ['10.96.0.50'],
      isCut: false,
      questions: [{ name: web, type: 'A', class: 'IN' }],
    },
  );
  for (const type of ['AAAA', 'NULL'] as const) {
    const answer = await overUdp(packet.encode(query(web, type)));
    assert.deepEqual(told(answer), { rcode: 'NOERROR', answers: [], isCut: false });
    assert.deepEqual(
      answer.authorities?.map((one) => one.type),
      ['SOA'],
    );
  }
  const unknown = await overUdp(packet.encode(query('nowhere.default.svc.cluster.local')));
  assert.deepEqual(told(unknown), { rcode: 'NXDOMAIN', answers: [], isCut: false });
  const srv = await overUdp(packet.encode(query('_http._tcp.web', 'SRV')));
  assert.deepEqual(told(srv).answers, [
    { priority: 0, weight: 100, port: 80, target: 'web.local' },
  ]);
});

test('an answer that is too long for a datagram is cut, and whole by TCP', async () => {
  const question = query('many.default.svc.cluster.local');
  assert.deepEqual(told(await overUdp(packet.encode(question))), {
    rcode: 'NOERROR',
    answers: [],
    isCut: true,
  });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  serveDns(server, ask);
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const client = connect(address.port, '127.0.0.1');
  const bytes = packet.streamEncode(question);
  client.write(bytes.subarray(0, 1));
  client.write(bytes.subarray(1));
  let received = Buffer.alloc(0);
  for await (const chunk of client) {
    received = Buffer.concat([received, Buffer.from(chunk)]);
    if (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) break;
  }
  assert.equal(packet.streamDecode(received).answers?.length, 100);
  client.destroy();
  server.close();
});

test('what is no sensible query gets an error, and what is no query gets nothing', async () => {
  const opcode = packet.encode(query('web'));
  opcode.writeUInt8(opcode.readUInt8(2) | 0x28, 2);
  const short = packet.encode(query('web.default')).subarray(0, 16);
  const two = packet.encode({
    ...query('web'),
    questions: [
      { type: 'A', name: 'a', class: 'IN' },
      { type: 'A', name: 'b', class: 'IN' },
    ],
  });
  const chaos = packet.encode({
    ...query('web'),
    questions: [{ type: 'TXT', name: 'version.bind', class: 'CH' }],
  });
  // A name that points to itself.
  const loop = Buffer.from('000701000001000000000000c00c00010001', 'hex');
  const messages = [opcode, short, two, chaos, loop];
  const answers = await Promise.all(messages.map(overUdp));
  assert.deepEqual(
    answers.map((answer) => told(answer).rcode),
    ['NOTIMP', 'FORMERR', 'FORMERR', 'REFUSED', 'FORMERR'],
  );
  const server = createSocket('udp4');
  const client = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  serveDns(server, ask);
  const { port } = server.address();
  const heard: Buffer[] = [];
  client.on('message', (message) => heard.push(message));
  const response = packet.encode({ ...query('web'), type: 'response' });
  for (const message of [Buffer.alloc(0), Buffer.from('x'), response]) {
    client.send(message, port, '127.0.0.1');
  }
  client.send(packet.encode(query('last')), port, '127.0.0.1');
  await once(client, 'message');
  assert.deepEqual(
    heard.map((message) => packet.decode(message).questions?.[0]?.name),
    ['last'],
  );
  server.close();
  client.close();
});

test('a flood of queries is answered up to the allowance of a second, and the next second counts anew', async () => {
  let nowMs = 0;
  let asked = 0;
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const count = (name: string, type: DnsType): DnsAnswer => {
    asked++;
    return ask(name, type);
  };
  serveDns(server, count, () => nowMs);
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const flood = async (queries: number) => {
    const client = connect(address.port, '127.0.0.1');
    const one = packet.streamEncode(query('web.default.svc.cluster.local'));
    client.end(Buffer.concat(Array.from({ length: queries }, () => one)));
    client.on('error', () => undefined);
    client.resume();
    await once(client, 'close');
  };
  for (let connections = 0; connections < 4; connections++) await flood(DNS_QUERIES_PER_SECOND / 2);
  assert.equal(asked, DNS_QUERIES_PER_SECOND);
  nowMs = 1_000;
  await flood(10);
  assert.equal(asked, DNS_QUERIES_PER_SECOND + 10);
  server.close();
});
