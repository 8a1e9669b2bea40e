import {
  CHUNK_BYTES,
  CREDIT_DEAD_MS,
  CREDIT_HIGH_BYTES,
  CREDIT_LOW_BYTES,
  JOIN_MS,
} from './limits.ts';
import type { OutputRing } from './ring.ts';

/** What a viewer tells whoever made it. */
export interface ViewerOptions {
  readonly ring: OutputRing;
  /** Offset from which on output is sent. */
  readonly from: number;
  readonly send: (offset: number, data: Buffer) => void;
  /** Credit has run out, or is there again. */
  readonly onStall: () => void;
  /** The viewer has drawn nothing for too long while output waits. */
  readonly onDead: () => void;
  /** Everything has been sent, and no more will come. */
  readonly onEnd: () => void;
}

/** One page that watches a terminal: what it has been sent, what it has drawn, and how much more it may be sent. */
export class Viewer implements Disposable {
  readonly #options: ViewerOptions;
  #sent: number;
  #acknowledged: number;
  #isStarted = false;
  #isStalled = false;
  #isClosed = false;
  #isOutputOver = false;
  #joining: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#sent = options.from;
    this.#acknowledged = options.from;
  }

  /** Whether it may be sent nothing more until it acknowledges. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Nothing is sent before: the page must first know from which offset on. */
  start(): void {
    this.#isStarted = true;
    this.#flush();
  }

  /** New output is in the ring. The first piece leaves at once; what follows within some milliseconds is joined. */
  notify(): void {
    const isChunkFull = this.#options.ring.end - this.#sent >= CHUNK_BYTES;
    if (!this.#joining || isChunkFull) this.flushNow();
  }

  /** What waits to be joined leaves now. */
  flushNow(): void {
    if (this.#isClosed || !this.#isStarted) return;
    this.#flush();
    if (this.#isClosed) return;
    this.#joining ??= setTimeout(() => {
      this.#joining = undefined;
      if (this.#sent < this.#options.ring.end) this.notify();
    }, JOIN_MS);
  }

  /** No more output comes: the viewer ends when it has been sent all there is. */
  finish(): void {
    this.#isOutputOver = true;
    if (this.#isStarted) this.#flush();
  }

  /** Everything before `offset` is drawn. Offsets are absolute, so that a lost or repeated one does no harm. */
  acknowledge(offset: number): void {
    if (offset <= this.#acknowledged || offset > this.#sent) return;
    this.#acknowledged = offset;
    if (!this.#isStalled) return;
    this.#watchCredit();
    if (this.#sent - offset > CREDIT_LOW_BYTES) return;
    this.#setStalled(false);
    this.#flush();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearTimeout(this.#joining);
    clearTimeout(this.#deadline);
  }

  #flush(): void {
    const { ring, send, onEnd } = this.#options;
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
    if (this.#isOutputOver && !this.#isClosed) {
      this[Symbol.dispose]();
      onEnd();
    }
  }

  #setStalled(isStalled: boolean): void {
    if (this.#isStalled === isStalled) return;
    this.#isStalled = isStalled;
    this.#watchCredit();
    this.#options.onStall();
  }

  #watchCredit(): void {
    clearTimeout(this.#deadline);
    if (this.#isStalled) this.#deadline = setTimeout(this.#options.onDead, CREDIT_DEAD_MS).unref();
  }
}
