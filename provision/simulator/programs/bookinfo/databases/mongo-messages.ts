import type { Duplex } from 'node:stream';

import { type BsonDocument, decodeBson, encodeBson } from './bson.ts';
import { ByteReader } from './byte-reader.ts';

const HEAD_BYTES = 16;
const OP_MSG = 2013;

/** A message and the number that an answer refers to. */
export interface MongoMessage {
  readonly id: number;
  readonly document: BsonDocument;
}

/** Messages of MongoDB's wire protocol: OP_MSG with one document each (MongoDB manual, "Wire Protocol"). */
export class MongoMessages {
  readonly #connection: Duplex;
  readonly #reader: ByteReader;
  #id = 0;

  constructor(connection: Duplex) {
    this.#connection = connection;
    this.#reader = new ByteReader(connection);
  }

  /** @throws Error when the connection ends before, or for a message of another form */
  async read(): Promise<MongoMessage> {
    const bytes = await this.#reader.message((start) =>
      start.length < HEAD_BYTES ? undefined : Math.max(start.readInt32LE(0), HEAD_BYTES),
    );
    // Four bytes of flags and one that says "one document" go before the document.
    if (bytes.readInt32LE(12) !== OP_MSG || bytes[HEAD_BYTES + 4] !== 0) {
      throw new Error('Cannot read from MongoDB: it is no OP_MSG with one document');
    }
    return { id: bytes.readInt32LE(4), document: decodeBson(bytes.subarray(HEAD_BYTES + 5)) };
  }

  write(document: BsonDocument, answersTo = 0): void {
    const body = Buffer.concat([Buffer.alloc(5), encodeBson(document)]);
    const head = Buffer.alloc(HEAD_BYTES);
    this.#id++;
    head.writeInt32LE(HEAD_BYTES + body.length, 0);
    head.writeInt32LE(this.#id, 4);
    head.writeInt32LE(answersTo, 8);
    head.writeInt32LE(OP_MSG, 12);
    this.#connection.write(Buffer.concat([head, body]));
  }

  async ask(document: BsonDocument): Promise<BsonDocument> {
    this.write(document);
    return (await this.read()).document;
  }
}
