import { Duplex } from 'node:stream';

import { PORT_FORWARD_LIMIT_STREAMS } from '../limits.ts';
import {
  CONTROL,
  controlFrame,
  dataFrame,
  FIN,
  FRAME_LIMIT_BYTES,
  FrameReader,
  type Frame,
} from './frame.ts';
import { HeaderCodec, type Headers } from './header-block.ts';

/** Reasons of RST_STREAM. */
const REFUSED = 3;
const CANCEL = 5;

/**
 * The server's side of a SPDY/3.1 connection, as much as kubectl's streams need: streams that the client opens, data
 * both ways, pings. There is no flow control, which the client does not use either; the carrier slows writers down.
 */
export class SpdyConnection {
  readonly #send: (bytes: Uint8Array) => Promise<void>;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #reader = new FrameReader();
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #receiving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(send: (bytes: Uint8Array) => Promise<void>, onStream: (stream: SpdyStream) => void) {
    this.#send = send;
    this.#onStream = onStream;
  }

  /** Takes bytes from the client. */
  receive(bytes: Buffer): void {
    for (const frame of this.#reader.push(bytes)) {
      // Header blocks are decompressed one after the other, so frames are handled in order.
      this.#receiving = this.#receiving.then(() => this.#handle(frame)).catch(() => this.destroy());
    }
  }

  /** Ends all streams; the carrier is the caller's. */
  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams.values()) stream.destroy();
    this.#streams.clear();
    this.#codec.close();
  }

  /** Sends data of a stream. */
  async sendData(streamId: number, data: Buffer, isLast: boolean): Promise<void> {
    for (let start = 0; start === 0 || start < data.length; start += FRAME_LIMIT_BYTES) {
      const part = data.subarray(start, start + FRAME_LIMIT_BYTES);
      const isLastPart = start + FRAME_LIMIT_BYTES >= data.length;
      if (!this.#isClosed) await this.#send(dataFrame(streamId, part, isLast && isLastPart));
    }
  }

  /** Forgets a stream; tells the client when it had not ended. */
  forget(streamId: number, isCut: boolean): void {
    if (!this.#streams.delete(streamId) || !isCut || this.#isClosed) return;
    void this.#send(resetFrame(streamId, CANCEL));
  }

  async #handle(frame: Frame): Promise<void> {
    if (this.#isClosed) return;
    if (frame.type === 'data') {
      this.#streams.get(frame.streamId)?.accept(frame.data, frame.isLast);
      return;
    }
    switch (frame.control) {
      case CONTROL.synStream:
        return this.#open(frame.body, frame.flags);
      case CONTROL.rstStream:
        this.#streams.get(frame.body.readUInt32BE(0))?.destroy();
        return;
      case CONTROL.ping:
        return this.#send(controlFrame(CONTROL.ping, frame.body));
      default:
      // SETTINGS, WINDOW_UPDATE and GOAWAY ask nothing of us.
    }
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const streamId = body.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#codec.decode(body.subarray(10));
    if (this.#streams.size >= PORT_FORWARD_LIMIT_STREAMS) {
      return this.#send(resetFrame(streamId, REFUSED));
    }
    const stream = new SpdyStream(this, streamId, headers);
    this.#streams.set(streamId, stream);
    const block = await this.#codec.encode({});
    await this.#send(controlFrame(CONTROL.synReply, Buffer.concat([body.subarray(0, 4), block])));
    if ((flags & FIN) !== 0) stream.accept(Buffer.alloc(0), true);
    this.#onStream(stream);
  }
}

/** One stream: bytes both ways, each side ends by itself. */
export class SpdyStream extends Duplex {
  readonly connection: SpdyConnection;
  readonly headers: Headers;
  readonly #id: number;

  constructor(connection: SpdyConnection, id: number, headers: Headers) {
    super({ allowHalfOpen: true });
    this.connection = connection;
    this.#id = id;
    this.headers = headers;
    // Cut streams are seen by their close.
    this.on('error', () => undefined);
  }

  /** Data that the client sent. */
  accept(data: Buffer, isLast: boolean): void {
    if (data.length > 0) this.push(data);
    if (isLast) this.push(null);
  }

  override _read(): void {
    // Data is pushed as it arrives.
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    void callBack(this.connection.sendData(this.#id, chunk, false), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    void callBack(this.connection.sendData(this.#id, Buffer.alloc(0), true), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.connection.forget(this.#id, !this.writableFinished || !this.readableEnded);
    done(error);
  }
}

/** Streams want callbacks. */
async function callBack(
  sending: Promise<void>,
  done: (error?: Error | null) => void,
): Promise<void> {
  try {
    await sending;
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done();
}

function resetFrame(streamId: number, reason: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32BE(streamId, 0);
  body.writeUInt32BE(reason, 4);
  return controlFrame(CONTROL.rstStream, body);
}
