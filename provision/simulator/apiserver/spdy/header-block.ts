import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';

import { DICTIONARY } from './dictionary.ts';

export type Headers = Readonly<Record<string, string>>;

/** Header blocks of one SPDY/3.1 connection: both directions are one zlib stream each, so blocks must come in order. */
export class HeaderCodec {
  readonly #inflate: Inflate = createInflate({
    dictionary: DICTIONARY,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  readonly #deflate: Deflate = createDeflate({ dictionary: DICTIONARY });

  constructor() {
    // Errors arrive through the callbacks below; without a listener they would end the process.
    this.#inflate.on('error', () => undefined);
    this.#deflate.on('error', () => undefined);
  }

  /** Reads a compressed block; names are lower case. Rejects when it is broken. */
  async decode(block: Buffer): Promise<Headers> {
    await new Promise<void>((resolve, reject) => {
      this.#inflate.write(block, (error) => (error ? reject(error) : resolve()));
    });
    return readPairs(readAll(this.#inflate));
  }

  /** Compresses headers into a block. */
  async encode(headers: Headers): Promise<Buffer> {
    this.#deflate.write(writePairs(headers));
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    return readAll(this.#deflate);
  }

  /** Frees what zlib holds. */
  close(): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
  }
}

function readAll(stream: Inflate | Deflate): Buffer {
  const chunks: Buffer[] = [];
  for (let chunk: unknown = stream.read(); chunk !== null; chunk = stream.read()) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readPairs(bytes: Buffer): Headers {
  const headers: Record<string, string> = {};
  let offset = 0;
  const readLength = () => {
    offset += 4;
    return bytes.readUInt32BE(offset - 4);
  };
  const readText = () => {
    const length = readLength();
    offset += length;
    if (offset > bytes.length)
      throw new RangeError('Cannot read SPDY headers: the block is cut short');
    return bytes.toString('utf8', offset - length, offset);
  };
  for (let count = readLength(); count > 0; count--) {
    const name = readText().toLowerCase();
    headers[name] = readText();
  }
  return headers;
}

function writePairs(headers: Headers): Buffer {
  const entries = Object.entries(headers);
  const parts = [uint32(entries.length)];
  for (const [name, value] of entries) {
    for (const text of [name, value]) {
      const bytes = Buffer.from(text, 'utf8');
      parts.push(uint32(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
