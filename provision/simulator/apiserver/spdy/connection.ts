import { SPDY_LIMIT_STREAMS } from '../limits.ts';
import {
  CONTROL,
  controlFrame,
  dataFrame,
  FIN,
  FRAME_LIMIT_BYTES,
  FrameReader,
  SpdyError,
  type Frame,
} from './frame.ts';
import { HeaderCodec } from './header-block.ts';
import { SpdyStream, type StreamCarrier } from './stream.ts';

/** Reasons of RST_STREAM, and of GOAWAY. */
const REFUSED = 3;
const CANCEL = 5;
const PROTOCOL_ERROR = 1;

/** What carries a SPDY connection's bytes and who takes its streams. */
export interface SpdyOptions {
  /** Hands bytes on to the client; settles when there is room for more. */
  readonly send: (bytes: Uint8Array) => Promise<void>;
  /** A stream that the client opened. */
  readonly onStream: (stream: SpdyStream) => void;
  /** Called once, when the connection is over for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * The server's side of a SPDY/3.1 connection, as much as kubectl's streams need: streams that the client opens, data
 * both ways, pings. There is no flow control, which the client does not use either; the carrier slows writers down.
 */
export class SpdyConnection implements StreamCarrier {
  readonly #options: SpdyOptions;
  readonly #reader = new FrameReader();
  readonly #codec = new HeaderCodec();
  readonly #streams = new Map<number, SpdyStream>();
  #receiving: Promise<void> = Promise.resolve();
  #lastId = 0;
  #isClosed = false;

  constructor(options: SpdyOptions) {
    this.#options = options;
  }

  /** Takes bytes from the client; settles when they are dealt with, so that the carrier can hold more back until then. */
  receive(bytes: Buffer): Promise<void> {
    // Header blocks are decompressed one after the other, so frames are handled in order.
    this.#receiving = this.#receiving.then(() => this.#handleAll(bytes));
    return this.#receiving;
  }

  /** Ends all streams; the carrier is the caller's. */
  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams.values()) stream.destroy();
    this.#streams.clear();
    this.#codec.close();
    this.#options.onEnd();
  }

  async sendData(streamId: number, data: Buffer, isLast: boolean): Promise<void> {
    for (let start = 0; start === 0 || start < data.length; start += FRAME_LIMIT_BYTES) {
      const part = data.subarray(start, start + FRAME_LIMIT_BYTES);
      const isLastPart = start + FRAME_LIMIT_BYTES >= data.length;
      await this.#send(dataFrame(streamId, part, isLast && isLastPart));
    }
  }

  forget(streamId: number, isCut: boolean): void {
    if (this.#streams.delete(streamId) && isCut) void this.#send(resetFrame(streamId, CANCEL));
  }

  async #handleAll(bytes: Buffer): Promise<void> {
    try {
      for (const frame of this.#reader.push(bytes)) {
        if (this.#isClosed) return;
        await this.#handle(frame);
      }
    } catch (error) {
      if (!(error instanceof SpdyError)) throw error;
      await this.#send(goAwayFrame(this.#lastId));
      this.destroy();
    }
  }

  async #handle(frame: Frame): Promise<void> {
    if (frame.type === 'data') {
      await this.#streams.get(frame.streamId)?.accept(frame.data, frame.isLast);
      return;
    }
    const { control, body, flags } = frame;
    switch (control) {
      case CONTROL.synStream:
        return this.#open(body, flags);
      case CONTROL.headers:
      case CONTROL.synReply:
        // Nobody asks for these headers, but the blocks of a connection are one compressed stream.
        await this.#codec.decode(body.subarray(4));
        return;
      case CONTROL.rstStream:
        this.#reset(streamIdOf(body));
        return;
      case CONTROL.ping:
        // Even ids would be answers to pings of ours.
        if (streamIdOf(body) % 2 === 1) await this.#send(controlFrame(CONTROL.ping, body));
        return;
      default:
      // SETTINGS, WINDOW_UPDATE, GOAWAY and what is unknown ask nothing of us.
    }
  }

  /** The client has cut a stream off; it need not be told. */
  #reset(streamId: number): void {
    const stream = this.#streams.get(streamId);
    this.#streams.delete(streamId);
    stream?.destroy();
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const streamId = streamIdOf(body);
    const headers = await this.#codec.decode(body.subarray(10));
    if (streamId % 2 === 0 || streamId <= this.#lastId) {
      throw new SpdyError(
        `Cannot open SPDY stream ${streamId}: its number is not the client's next`,
      );
    }
    this.#lastId = streamId;
    if (this.#streams.size >= SPDY_LIMIT_STREAMS) {
      return this.#send(resetFrame(streamId, REFUSED));
    }
    const stream = new SpdyStream(this, streamId, headers);
    this.#streams.set(streamId, stream);
    const block = await this.#codec.encode({});
    await this.#send(controlFrame(CONTROL.synReply, Buffer.concat([body.subarray(0, 4), block])));
    if ((flags & FIN) !== 0) await stream.accept(Buffer.alloc(0), true);
    this.#options.onStream(stream);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    if (!this.#isClosed) await this.#options.send(bytes);
  }
}

function streamIdOf(body: Buffer): number {
  if (body.length < 4) throw new SpdyError('Cannot read a SPDY frame: it is cut short');
  return body.readUInt32BE(0) & 0x7fffffff;
}

function resetFrame(streamId: number, reason: number): Buffer {
  return controlFrame(CONTROL.rstStream, words(streamId, reason));
}

function goAwayFrame(lastId: number): Buffer {
  return controlFrame(CONTROL.goAway, words(lastId, PROTOCOL_ERROR));
}

function words(first: number, second: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt32BE(first, 0);
  body.writeUInt32BE(second, 4);
  return body;
}
