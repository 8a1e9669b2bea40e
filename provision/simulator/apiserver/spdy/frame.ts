/** Frames of SPDY/3.1 as bytes (SPDY protocol, draft 3.1, section 2.2). */

export type Frame =
  | {
      readonly type: 'data';
      readonly streamId: number;
      readonly isLast: boolean;
      readonly data: Buffer;
    }
  | {
      readonly type: 'control';
      readonly control: number;
      readonly flags: number;
      readonly body: Buffer;
    };

export const CONTROL = { synStream: 1, synReply: 2, rstStream: 3, ping: 6 } as const;
/** Flag of the last frame of a stream's side. */
export const FIN = 0x01;
const VERSION = 3;
const HEAD_BYTES = 8;
/** Data that one frame carries at most; larger writes are cut. */
export const FRAME_LIMIT_BYTES = 16 * 1024;

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The frames that are complete with these bytes. */
  push(bytes: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= HEAD_BYTES) {
      const length = this.#bytes.readUIntBE(5, 3);
      if (this.#bytes.length < HEAD_BYTES + length) break;
      frames.push(readFrame(this.#bytes.subarray(0, HEAD_BYTES + length)));
      this.#bytes = this.#bytes.subarray(HEAD_BYTES + length);
    }
    return frames;
  }
}

function readFrame(bytes: Buffer): Frame {
  const first = bytes.readUInt32BE(0);
  const flags = bytes[4] ?? 0;
  const body = bytes.subarray(HEAD_BYTES);
  if (first < 0x80000000) {
    return { type: 'data', streamId: first, isLast: (flags & FIN) !== 0, data: body };
  }
  return { type: 'control', control: first & 0xffff, flags, body };
}

export function dataFrame(streamId: number, data: Uint8Array, isLast: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(isLast ? FIN : 0, 4);
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

export function controlFrame(control: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(control, 2);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}
