import { FIRST_RING_BYTES, RING_BYTES } from './limits.ts';

/** The last bytes of a stream, addressed by their offset since its start. */
export class OutputRing {
  #buffer = Buffer.alloc(FIRST_RING_BYTES);
  #end = 0;

  /** Offset after the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Offset of the oldest byte that is still here. */
  get start(): number {
    return Math.max(0, this.#end - this.#buffer.length);
  }

  append(data: Buffer): void {
    if (this.#end + data.length > this.#buffer.length) this.#grow(this.#end + data.length);
    const kept = data.subarray(-this.#buffer.length);
    this.#place(kept, this.#end + data.length - kept.length);
    this.#end += data.length;
  }

  /** Up to `limit` bytes from `offset` on; undefined when they are gone or not there yet. */
  read(offset: number, limit = Number.POSITIVE_INFINITY): Buffer | undefined {
    if (offset < this.start || offset > this.#end) return undefined;
    const length = Math.min(this.#end - offset, limit);
    const at = offset % this.#buffer.length;
    const head = this.#buffer.subarray(at, Math.min(at + length, this.#buffer.length));
    return Buffer.concat([head, this.#buffer.subarray(0, length - head.length)]);
  }

  #place(data: Buffer, offset: number): void {
    const at = offset % this.#buffer.length;
    const head = data.subarray(0, this.#buffer.length - at);
    head.copy(this.#buffer, at);
    data.copy(this.#buffer, 0, head.length);
  }

  /** Sizes are powers of two times the first, so that a shell that prints little costs little. */
  #grow(wanted: number): void {
    let size = this.#buffer.length;
    while (size < wanted && size < RING_BYTES) size *= 4;
    if (size === this.#buffer.length) return;
    const { start } = this;
    const old = this.read(start);
    this.#buffer = Buffer.alloc(size);
    if (old) this.#place(old, start);
  }
}
