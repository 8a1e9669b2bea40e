import { CarriedStream } from '../streams/carried-stream.ts';
import type { Headers } from './header-block.ts';

/** What a stream needs of the connection that carries it. */
export interface StreamCarrier {
  /** Sends data of a stream; settles when it is handed on. */
  sendData(streamId: number, data: Buffer, isLast: boolean): Promise<void>;
  /** Forgets a stream; `isCut` when one side had not ended. */
  forget(streamId: number, isCut: boolean): void;
}

/** A stream that the client opened, with the headers it gave. */
export class SpdyStream extends CarriedStream {
  readonly headers: Headers;
  readonly #carrier: StreamCarrier;
  readonly #id: number;

  constructor(carrier: StreamCarrier, id: number, headers: Headers) {
    super();
    this.#carrier = carrier;
    this.#id = id;
    this.headers = headers;
    this.on('close', () => carrier.forget(id, !this.writableFinished || !this.hasEnded));
  }

  protected override send(data: Buffer, isLast: boolean): Promise<void> {
    return this.#carrier.sendData(this.#id, data, isLast);
  }
}
