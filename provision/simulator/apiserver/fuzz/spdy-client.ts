import { constants, createDeflate, type Deflate } from 'node:zlib';

import { DICTIONARY } from '../spdy/dictionary.ts';
import { CONTROL, controlFrame, dataFrame, FIN } from '../spdy/frame.ts';

/** The client's side of SPDY as a test needs it: makes frames, broken ones too, and reads what the server sends. */
export class SpdyClient implements Disposable {
  readonly #deflate: Deflate = createDeflate({ dictionary: DICTIONARY });

  /** A frame that opens a stream. */
  async open(streamId: number, headers: Readonly<Record<string, string>>, flags = 0) {
    return this.synStream(streamId, await this.compress(pairs(headers)), flags);
  }

  synStream(streamId: number, block: Buffer, flags = 0): Buffer {
    const head = Buffer.alloc(10);
    head.writeUInt32BE(streamId, 0);
    return controlFrame(CONTROL.synStream, Buffer.concat([head, block]), flags);
  }

  data(streamId: number, text: string, isLast = false): Buffer {
    return dataFrame(streamId, Buffer.from(text), isLast);
  }

  /** Continues the connection's compressed stream of headers. */
  async compress(bytes: Buffer): Promise<Buffer> {
    this.#deflate.write(bytes);
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    const chunks: Buffer[] = [];
    for (let chunk: unknown = this.#deflate.read(); chunk !== null; chunk = this.#deflate.read()) {
      if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  [Symbol.dispose](): void {
    this.#deflate.destroy();
  }
}

/** What the frames say, one a line: `reply 1`, `data 1 "text" end`, `reset 3 5`, `goaway 1`, `ping 7`. */
export function describeFrames(bytes: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUIntBE(at + 5, 3);
    lines.push(describe(bytes.subarray(at, at + 8 + length)));
    at += 8 + length;
  }
  return lines;
}

const NAMES: Readonly<Record<number, string>> = { 2: 'reply', 3: 'reset', 6: 'ping', 7: 'goaway' };

function describe(frame: Buffer): string {
  const first = frame.readUInt32BE(0);
  const isLast = ((frame[4] ?? 0) & FIN) !== 0;
  const body = frame.subarray(8);
  if (first < 0x80000000) {
    return `data ${first} ${JSON.stringify(body.toString())}${isLast ? ' end' : ''}`;
  }
  const name = NAMES[first & 0xffff] ?? `control ${first & 0xffff}`;
  const reason = name === 'reset' ? ` ${body.readUInt32BE(4)}` : '';
  return `${name} ${body.readUInt32BE(0)}${reason}`;
}

function pairs(headers: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(headers).flat();
  const parts = [texts.length / 2, ...texts].map((part) => {
    const bytes = Buffer.from(typeof part === 'string' ? part : '');
    const head = Buffer.alloc(4);
    head.writeUInt32BE(typeof part === 'string' ? bytes.length : part);
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat(parts);
}
