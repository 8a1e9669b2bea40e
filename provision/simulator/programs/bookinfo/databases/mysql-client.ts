import type { Duplex } from 'node:stream';

import { END, ERROR, MysqlPackets, NONCE_BYTES, QUERY, QUIT, scramble } from './mysql-packets.ts';

/** Signs in with `mysql_native_password`. @throws Error when the server refuses or goes away */
export async function signIn(
  connection: Duplex,
  {
    user,
    password,
    database,
  }: { readonly user: string; readonly password: string; readonly database: string },
): Promise<MysqlPackets> {
  const packets = new MysqlPackets(connection);
  const greeting = await packets.read();
  refuseError(greeting);
  const proof = scramble(password, nonceOf(greeting));
  const head = Buffer.alloc(32);
  head.writeUInt32LE(0x00088209, 0);
  head.writeUInt32LE(0x01000000, 4);
  head.writeUInt8(33, 8);
  packets.write(
    Buffer.concat([
      head,
      Buffer.from(`${user}\0`),
      Buffer.from([proof.length]),
      proof,
      Buffer.from(`${database}\0mysql_native_password\0`),
    ]),
  );
  refuseError(await packets.read());
  return packets;
}

/** The values of a query with one column. @throws Error in the server's words */
export async function selectColumn(packets: MysqlPackets, sql: string): Promise<readonly string[]> {
  packets.startCommand();
  packets.write(Buffer.concat([Buffer.from([QUERY]), Buffer.from(sql)]));
  refuseError(await packets.read());
  while ((await packets.read())[0] !== END) {
    // Definitions of columns, which the caller knows.
  }
  const values: string[] = [];
  for (let row = await packets.read(); row[0] !== END; row = await packets.read()) {
    refuseError(row);
    values.push(row.subarray(1, 1 + (row[0] ?? 0)).toString());
  }
  return values;
}

/** Says good-bye (COM_QUIT); the server ends the connection. */
export function quit(packets: MysqlPackets): void {
  packets.startCommand();
  packets.write(Buffer.from([QUIT]));
}

function nonceOf(greeting: Buffer): Buffer {
  const start = greeting.indexOf(0, 1) + 5;
  const second = start + 8 + 1 + 2 + 3 + 2 + 1 + 10;
  return Buffer.concat([
    greeting.subarray(start, start + 8),
    greeting.subarray(second, second + NONCE_BYTES - 8),
  ]);
}

function refuseError(payload: Buffer): void {
  if (payload[0] !== ERROR) return;
  const code = payload.readUInt16LE(1);
  throw new Error(`MySQL refused (${code}): ${payload.subarray(9).toString()}`);
}
