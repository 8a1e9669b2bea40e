import type { Duplex } from 'node:stream';

import type { Peer } from '../../../net/http.ts';
import { idle } from '../../idle.ts';
import { repositoryOf } from '../../images.ts';
import type { ContainerContext, Program } from '../../program.ts';
import { listenTcp } from '../../tcp-server.ts';
import {
  END,
  ERROR,
  lengthEncoded,
  MysqlPackets,
  NONCE_BYTES,
  QUERY,
  QUIT,
  scramble,
} from './mysql-packets.ts';

const PORT = 3306;
const VERSION = '8.0.43-regatta';
/** Protocol 4.1, secure passwords, a database at the start, named plugins. */
const CAPABILITIES = 0x00088209;

/** Bookinfo's MySQL: one table, `ratings`, with the stars of two reviewers. */
export const mysqlServer: Program = {
  images: ['istio/examples-bookinfo-mysqldb'],
  matches: (image) => repositoryOf(image).split('/').at(-1) === 'examples-bookinfo-mysqldb',
  commands: ['bash'],
  start(context) {
    const listening = listenTcp(context.network, PORT, (connection, peer) => {
      // Who leaves in the middle of a conversation needs no answer.
      serve(context, connection, peer).catch(() => connection.destroy());
    });
    const time = new Date(context.clock.now()).toISOString();
    context.log(
      `${time} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '${VERSION}'  socket: '/var/run/mysqld/mysqld.sock'  port: ${PORT}  MySQL Community Server - GPL.`,
    );
    return idle(listening);
  },
};

async function serve(context: ContainerContext, connection: Duplex, peer: Peer): Promise<void> {
  const packets = new MysqlPackets(connection);
  const nonce = Buffer.from(
    Array.from({ length: NONCE_BYTES }, () => 1 + Math.floor(context.random() * 126)),
  );
  // The server speaks first, which is why a proxy cannot find out by listening what is spoken.
  packets.write(greeting(nonce));
  const { user, proof } = signInOf(await packets.read());
  const expected = scramble(context.env['MYSQL_ROOT_PASSWORD'] ?? '', nonce);
  if (user !== 'root' || !proof.equals(expected)) {
    const using = proof.length > 0 ? 'YES' : 'NO';
    packets.write(
      problem(
        1045,
        '28000',
        `Access denied for user '${user}'@'${peer.ip}' (using password: ${using})`,
      ),
    );
    connection.end();
    return;
  }
  packets.write(OK);
  for (;;) {
    const command = await packets.read();
    if (command[0] === QUIT) break;
    answer(packets, command);
  }
  connection.end();
}

const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const END_OF_ROWS = Buffer.from([END, 0, 0, 2, 0]);

function answer(packets: MysqlPackets, command: Buffer): void {
  const text = command.subarray(1).toString();
  const [, column] =
    /^\s*select\s+(rating|\*)\s+from\s+(?:test\.)?ratings\s*;?\s*$/i.exec(text) ?? [];
  if (command[0] !== QUERY || column === undefined) {
    packets.write(
      problem(
        1064,
        '42000',
        "The Regatta simulator's MySQL knows SELECT Rating FROM ratings and no more",
      ),
    );
    return;
  }
  packets.write(Buffer.from([1]));
  packets.write(columnDefinition('Rating'));
  packets.write(END_OF_ROWS);
  for (const stars of STARS) packets.write(lengthEncoded(String(stars)));
  packets.write(END_OF_ROWS);
}

const STARS = [5, 4];

function greeting(nonce: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(8);
  const low = Buffer.alloc(2);
  low.writeUInt16LE(CAPABILITIES & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE(CAPABILITIES >>> 16);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from(`${VERSION}\0`),
    head,
    nonce.subarray(0, 8),
    Buffer.from([0]),
    low,
    Buffer.from([33, 2, 0]),
    high,
    Buffer.from([NONCE_BYTES + 1]),
    Buffer.alloc(10),
    nonce.subarray(8),
    Buffer.from('\0mysql_native_password\0'),
  ]);
}

function signInOf(payload: Buffer): { readonly user: string; readonly proof: Buffer } {
  // Capabilities, the largest packet and the character set go before, then 23 unused bytes.
  const start = 32;
  const end = payload.indexOf(0, start);
  const user = payload.subarray(start, end).toString();
  const length = payload[end + 1] ?? 0;
  return { user, proof: payload.subarray(end + 2, end + 2 + length) };
}

function problem(code: number, state: string, message: string): Buffer {
  const head = Buffer.from([ERROR, 0, 0]);
  head.writeUInt16LE(code, 1);
  return Buffer.concat([head, Buffer.from(`#${state}${message}`)]);
}

function columnDefinition(name: string): Buffer {
  const words = ['def', 'test', 'ratings', 'ratings', name, name].map(lengthEncoded);
  return Buffer.concat([...words, Buffer.from([12, 63, 0, 11, 0, 0, 0, 3, 0, 0, 0, 0, 0])]);
}
