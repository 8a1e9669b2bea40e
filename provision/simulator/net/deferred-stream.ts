import { Duplex } from 'node:stream';

/**
 * A byte stream whose bytes arrive two turns of the event loop later than they were sent, as they would from a wire. Node's TLS needs
 * that of streams in memory: it counts its own writing as over a turn later, and until then can send no alert.
 */
export class DeferredStream extends Duplex {
  readonly #inner: Duplex;

  constructor(inner: Duplex) {
    super({ allowHalfOpen: true });
    this.#inner = inner;
    inner.on('data', (chunk: Buffer) => {
      later(() => {
        if (!this.destroyed && !this.push(chunk)) inner.pause();
      });
    });
    inner.once('end', () => {
      later(() => {
        if (!this.destroyed) this.push(null);
      });
    });
    inner.once('close', () => later(() => this.destroy()));
    inner.on('error', () => this.destroy());
  }

  override _read(): void {
    this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#inner.write(chunk)) done();
    else this.#inner.once('drain', done);
  }

  override _final(done: () => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy(error ?? undefined);
    done(error);
  }
}

function later(run: () => void): void {
  setImmediate(() => setImmediate(run));
}
