import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';

import { ByteReader } from './byte-reader.ts';

/** Packets of MySQL's protocol: three bytes of length, one of sequence, the payload (MySQL, "Client/Server Protocol"). */
export class MysqlPackets {
  readonly #connection: Duplex;
  readonly #reader: ByteReader;
  #sequence = 0;

  constructor(connection: Duplex) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
  }

  /** The next payload. @throws Error when the connection ends before */
  async read(): Promise<Buffer> {
    const packet = await this.#reader.message((start) =>
      start.length < 4 ? undefined : 4 + start.readUIntLE(0, 3),
    );
    this.#sequence = packet.readUInt8(3) + 1;
    return packet.subarray(4);
  }

  write(payload: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head.writeUInt8(this.#sequence % 256, 3);
    this.#sequence++;
    this.#connection.write(Buffer.concat([head, payload]));
  }

  /** Each command counts its packets from 0. */
  startCommand(): void {
    this.#sequence = 0;
  }
}

/** What proves a password without saying it (`mysql_native_password`). */
export function scramble(password: string, nonce: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha1(password);
  const mask = sha1(nonce, sha1(once));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

function sha1(...parts: readonly (Buffer | string)[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Text with its length before it; of texts shorter than 251 bytes the length is one byte. */
export function lengthEncoded(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 250);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

export const QUIT = 0x01;
export const QUERY = 0x03;
export const END = 0xfe;
export const ERROR = 0xff;
/** Bytes of the random number that a password is proven with. */
export const NONCE_BYTES = 20;
