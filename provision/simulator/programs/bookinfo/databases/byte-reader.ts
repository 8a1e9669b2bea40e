import type { Duplex } from 'node:stream';

/** Most bytes that are kept of a message that is not complete. */
const MESSAGE_LIMIT_BYTES = 1024 * 1024;

/** Reads messages of known length from a byte stream; both databases' protocols say the length first. */
export class ByteReader {
  readonly #connection: Duplex;
  #pending: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(connection: Duplex) {
    this.#connection = connection;
    connection.on('data', (bytes: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      if (this.#pending.length > MESSAGE_LIMIT_BYTES) connection.destroy();
      this.#wake?.();
    });
    for (const event of ['end', 'close', 'error']) {
      connection.on(event, () => {
        this.#isOver = true;
        this.#wake?.();
      });
    }
  }

  /** The next message. @param lengthOf its whole length, by what has come of it. @throws Error when the connection ends before */
  async message(lengthOf: (start: Buffer) => number | undefined): Promise<Buffer> {
    for (;;) {
      const length = lengthOf(this.#pending);
      if (length !== undefined && this.#pending.length >= length) {
        const message = this.#pending.subarray(0, length);
        this.#pending = this.#pending.subarray(length);
        return message;
      }
      if (this.#isOver || this.#connection.destroyed) {
        throw new Error('Cannot read from the database: the connection was closed');
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
