import { CHUNK_BYTES, CREDIT_HIGH_BYTES, CREDIT_LOW_BYTES, JOIN_MS } from './limits.ts';
import type { OutputRing } from './ring.ts';

/** What a viewer needs of whoever shows the output. */
export interface ViewerOptions {
  readonly ring: OutputRing;
  /** Offset from which on output is sent. */
  readonly from: number;
  readonly send: (offset: number, data: Buffer) => void;
  /** Credit has run out, or is there again. */
  readonly onStall: (isStalled: boolean) => void;
}

/** One page that watches a terminal: what it has been sent, what it has drawn, and how much more it may be sent. */
export class Viewer implements Disposable {
  readonly #options: ViewerOptions;
  #sent: number;
  #acknowledged: number;
  #isStalled = false;
  #isClosed = false;
  #joining: NodeJS.Timeout | undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#sent = options.from;
    this.#acknowledged = options.from;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** New output is in the ring. The first piece leaves at once; what follows within some milliseconds is joined. */
  notify(): void {
    if (this.#joining || this.#isClosed) return;
    this.#flush();
    this.#joining = setTimeout(() => {
      this.#joining = undefined;
      if (this.#sent < this.#options.ring.end) this.notify();
    }, JOIN_MS);
  }

  /** Everything before `offset` is drawn. Offsets are absolute, so that a lost or repeated one does no harm. */
  acknowledge(offset: number): void {
    if (offset < this.#acknowledged || offset > this.#sent) return;
    this.#acknowledged = offset;
    if (this.#isStalled && this.#sent - offset <= CREDIT_LOW_BYTES) {
      this.#setStalled(false);
      this.#flush();
    }
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#joining);
  }

  #flush(): void {
    const { ring, send } = this.#options;
    while (this.#sent < ring.end && !this.#isClosed) {
      if (this.#sent - this.#acknowledged >= CREDIT_HIGH_BYTES) {
        this.#setStalled(true);
        return;
      }
      // What the ring has forgotten is skipped; the page sees the gap in the offsets and asks for a snapshot.
      const offset = Math.max(this.#sent, ring.start);
      const data = ring.read(offset, CHUNK_BYTES) ?? Buffer.alloc(0);
      this.#sent = offset + data.length;
      send(offset, data);
    }
  }

  #setStalled(isStalled: boolean): void {
    if (this.#isStalled === isStalled) return;
    this.#isStalled = isStalled;
    this.#options.onStall(isStalled);
  }
}
