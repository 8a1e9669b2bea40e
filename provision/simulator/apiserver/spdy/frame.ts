/** Frames of SPDY/3.1 as bytes (SPDY protocol, draft 3.1, section 2.2). */
import { CONTROL_FRAME_LIMIT_BYTES } from '../limits.ts';

export type Frame =
  /** Data of a frame as far as it has come; a long frame is given in pieces. */
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

/** What a client said against the protocol; the connection cannot go on. */
export class SpdyError extends Error {}

export const CONTROL = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  ping: 6,
  goAway: 7,
  headers: 8,
} as const;
/** Flag of the last frame of a stream's side. */
export const FIN = 0x01;
const VERSION = 3;
const HEAD_BYTES = 8;
/** Data that one frame of ours carries at most; larger writes are cut. */
export const FRAME_LIMIT_BYTES = 16 * 1024;

interface Head {
  readonly first: number;
  readonly flags: number;
  /** Bytes of the frame's body that are still to come. */
  left: number;
}

/** Cuts a stream of bytes into frames. Holds no more than one control frame. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #head: Head | undefined;

  /**
   * The frames that these bytes bring.
   * @yields frames in their order
   * @throws SpdyError for a control frame of another version or beyond its limit
   */
  *push(bytes: Buffer): Generator<Frame> {
    if (bytes.length > 0) this.#pieces.push(bytes);
    this.#size += bytes.length;
    for (;;) {
      const head = this.#head ?? this.#readHead();
      if (!head) return;
      this.#head = head;
      const isData = head.first < 0x80000000;
      const size = isData ? Math.min(head.left, this.#size) : head.left;
      if (this.#size < size || (size === 0 && head.left > 0)) return;
      const body = this.#take(size);
      head.left -= size;
      if (head.left === 0) this.#head = undefined;
      yield isData ? dataOf(head, body) : controlOf(head, body);
    }
  }

  #readHead(): Head | undefined {
    if (this.#size < HEAD_BYTES) return undefined;
    const bytes = this.#take(HEAD_BYTES);
    const first = bytes.readUInt32BE(0);
    const head = { first, flags: bytes[4] ?? 0, left: bytes.readUIntBE(5, 3) };
    if (first < 0x80000000) return head;
    if (((first >>> 16) & 0x7fff) !== VERSION) {
      throw new SpdyError(`Cannot read a SPDY frame: its version is not ${VERSION}`);
    }
    if (head.left > CONTROL_FRAME_LIMIT_BYTES) {
      throw new SpdyError(
        `Cannot read a SPDY frame: ${head.left} bytes are more than ${CONTROL_FRAME_LIMIT_BYTES}`,
      );
    }
    return head;
  }

  #take(size: number): Buffer {
    this.#size -= size;
    const taken: Buffer[] = [];
    for (let left = size; left > 0;) {
      const piece = this.#pieces[0] ?? Buffer.alloc(0);
      if (piece.length > left) this.#pieces[0] = piece.subarray(left);
      else this.#pieces.shift();
      taken.push(piece.subarray(0, left));
      left -= Math.min(left, piece.length);
    }
    return taken.length === 1 && taken[0] ? taken[0] : Buffer.concat(taken);
  }
}

function dataOf({ first, flags, left }: Head, data: Buffer): Frame {
  return { type: 'data', streamId: first, isLast: left === 0 && (flags & FIN) !== 0, data };
}

function controlOf({ first, flags }: Head, body: Buffer): Frame {
  return { type: 'control', control: first & 0xffff, flags, body };
}

export function dataFrame(streamId: number, data: Uint8Array, isLast: boolean): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(isLast ? FIN : 0, 4);
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

export function controlFrame(control: number, body: Uint8Array, flags = 0): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(0x8000 | VERSION, 0);
  head.writeUInt16BE(control, 2);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}
