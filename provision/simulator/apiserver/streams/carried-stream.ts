import { Duplex } from 'node:stream';

/** One of several streams that a connection carries: bytes both ways, each side ends by itself. */
export abstract class CarriedStream extends Duplex {
  #hasEnded = false;
  #onWanted: (() => void) | undefined;

  constructor() {
    super({ allowHalfOpen: true });
    // Cut streams are seen by their close.
    this.on('error', () => undefined);
  }

  /** Whether the client has said that nothing more will come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Takes what the client sent; settles when the reader wants more. What comes after the end is dropped. */
  async accept(data: Buffer, isLast: boolean): Promise<void> {
    if (this.#hasEnded || this.destroyed) return;
    const wantsMore = data.length === 0 || this.push(data);
    if (isLast) {
      this.#hasEnded = true;
      this.push(null);
      return;
    }
    if (wantsMore) return;
    await new Promise<void>((resolve) => {
      this.#onWanted = resolve;
    });
  }

  /** Hands data on to the client; settles when there is room for more. */
  protected abstract send(data: Buffer, isLast: boolean): Promise<void>;

  override _read(): void {
    this.#goOn();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (chunk.length === 0) done();
    else void callBack(this.send(chunk, false), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    void callBack(this.send(Buffer.alloc(0), true), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#goOn();
    done(error);
  }

  #goOn(): void {
    this.#onWanted?.();
    this.#onWanted = undefined;
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
