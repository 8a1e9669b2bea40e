import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';

import { HEADER_BLOCK_LIMIT_BYTES } from '../limits.ts';
import { DICTIONARY } from './dictionary.ts';
import { SpdyError } from './frame.ts';

export type Headers = Readonly<Record<string, string>>;

/** Header blocks of one SPDY/3.1 connection: both directions are one zlib stream each, so blocks must come in order. */
export class HeaderCodec {
  readonly #inflate: Inflate = createInflate({
    dictionary: DICTIONARY,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  readonly #deflate: Deflate = createDeflate({ dictionary: DICTIONARY });
  readonly #inflated = new Collected(this.#inflate);
  readonly #deflated = new Collected(this.#deflate);

  /** Reads a compressed block; names are lower case. Rejects with a `SpdyError` when it is broken or too large. */
  async decode(block: Buffer): Promise<Headers> {
    await this.#inflated.until((done) => this.#inflate.write(block, done));
    return readPairs(this.#inflated.take());
  }

  /** Compresses headers into a block. */
  async encode(headers: Headers): Promise<Buffer> {
    this.#deflate.write(writePairs(headers));
    await this.#deflated.until((done) => this.#deflate.flush(constants.Z_SYNC_FLUSH, () => done()));
    return this.#deflated.take();
  }

  /** Frees what zlib holds. */
  close(): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
  }
}

/** What a zlib stream gives, up to the limit: a small block can be made that unfolds to gigabytes. */
class Collected {
  readonly #stream: Inflate | Deflate;
  #chunks: Buffer[] = [];
  #size = 0;
  #fail: ((error: Error) => void) | undefined;

  constructor(stream: Inflate | Deflate) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#add(chunk));
    stream.on('error', (error: Error) => this.#fail?.(error));
    stream.on('close', () => this.#fail?.(new SpdyError('The connection has ended')));
  }

  async until(step: (done: (error?: Error | null) => void) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#fail = reject;
    step((error) => (error ? reject(error) : resolve()));
    try {
      await promise;
    } catch (cause) {
      if (cause instanceof SpdyError) throw cause;
      throw new SpdyError('Cannot read SPDY headers: the block is not compressed as it must be', {
        cause,
      });
    } finally {
      this.#fail = undefined;
    }
  }

  take(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    return all;
  }

  #add(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= HEADER_BLOCK_LIMIT_BYTES) {
      this.#chunks.push(chunk);
      return;
    }
    this.#fail?.(
      new SpdyError(`Cannot read SPDY headers: more than ${HEADER_BLOCK_LIMIT_BYTES} bytes`),
    );
    this.#stream.destroy();
  }
}

const CUT_SHORT = 'Cannot read SPDY headers: the block is cut short';

function readPairs(bytes: Buffer): Headers {
  const headers = new Map<string, string>();
  let offset = 0;
  const readLength = () => {
    if (offset + 4 > bytes.length) throw new SpdyError(CUT_SHORT);
    offset += 4;
    return bytes.readUInt32BE(offset - 4);
  };
  const readText = () => {
    const length = readLength();
    if (offset + length > bytes.length) throw new SpdyError(CUT_SHORT);
    offset += length;
    return bytes.toString('utf8', offset - length, offset);
  };
  for (let count = readLength(); count > 0; count--) {
    const name = readText().toLowerCase();
    headers.set(name, readText());
  }
  return Object.fromEntries(headers);
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
