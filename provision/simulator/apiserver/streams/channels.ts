/** Several streams in one WebSocket, each message beginning with the number of its channel (apiserver, util/wsstream). */
import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import type { Clock } from '../../clock.ts';
import { CarriedStream } from './carried-stream.ts';
import { readMessages, sendMessage } from './websocket.ts';

/** Message that ends another channel: this byte and the channel's number; only in version 5. */
const CLOSE_CHANNEL = 255;

export interface ChannelOptions {
  readonly connection: WebSocket;
  /** The subprotocol that was agreed on. */
  readonly protocol: string;
  readonly clock: Clock;
  /** How many channels there are. */
  readonly count: number;
  /** The client has gone, or has broken the protocol. */
  readonly onClose: () => void;
}

/** The channels of one connection as streams. */
export class Channels {
  readonly #connection: WebSocket;
  readonly #isBase64: boolean;
  readonly #hasClose: boolean;
  readonly #streams: readonly ChannelStream[];

  constructor({ connection, protocol, clock, count, onClose }: ChannelOptions) {
    this.#connection = connection;
    this.#isBase64 = protocol.includes('base64.');
    this.#hasClose = protocol.startsWith('v5.');
    this.#streams = Array.from(
      { length: count },
      (_, channel) => new ChannelStream((data) => this.#send(channel, data)),
    );
    readMessages(connection, {
      clock,
      onMessage: (bytes) => this.#take(bytes),
      onClose: () => {
        for (const stream of this.#streams) stream.destroy();
        onClose();
      },
    });
  }

  /** @throws RangeError for a channel that there is not */
  stream(channel: number): Duplex {
    const stream = this.#streams[channel];
    if (!stream) throw new RangeError(`Cannot use channel ${channel}: there is none`);
    return stream;
  }

  /** Sends an empty message, by which clients know that they are through. */
  greet(channel: number): Promise<void> {
    return this.#send(channel, Buffer.alloc(0));
  }

  /** Ends the connection when everything written has been sent. */
  close(): void {
    this.#connection.close(1000);
  }

  async #take(bytes: Buffer): Promise<void> {
    const { channel, data } = this.#isBase64 ? fromBase64(bytes) : fromBytes(bytes);
    if (this.#hasClose && channel === CLOSE_CHANNEL) {
      await this.#streams[data[0] ?? -1]?.accept(Buffer.alloc(0), true);
      return;
    }
    // A channel that there is not is passed over, as upstream does.
    if (data.length > 0) await this.#streams[channel]?.accept(data, false);
  }

  #send(channel: number, data: Buffer): Promise<void> {
    const message = this.#isBase64
      ? `${String.fromCodePoint(48 + channel)}${data.toString('base64')}`
      : Buffer.concat([Buffer.from([channel]), data]);
    return sendMessage(this.#connection, message);
  }
}

function fromBytes(bytes: Buffer) {
  return { channel: bytes[0] ?? -1, data: bytes.subarray(1) };
}

function fromBase64(bytes: Buffer) {
  return {
    channel: (bytes[0] ?? 0) - 48,
    data: Buffer.from(bytes.subarray(1).toString('latin1'), 'base64'),
  };
}

/** One channel: what the client sends is read, what is written goes to the client. */
class ChannelStream extends CarriedStream {
  readonly #send: (data: Buffer) => Promise<void>;

  constructor(send: (data: Buffer) => Promise<void>) {
    super();
    this.#send = send;
  }

  protected override async send(data: Buffer): Promise<void> {
    // Channels end with their connection.
    if (data.length > 0) await this.#send(data);
  }
}
