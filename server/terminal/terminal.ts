import type { AttachView, TerminalSize } from '#protocol';

import { UNWATCHED_BYTES, UNWATCHED_MS } from '../limits.ts';
import type { TerminalProcess } from '../sandbox/sandbox.ts';
import { OutputRing } from './ring.ts';
import { Screen } from './screen.ts';
import { Viewer } from './viewer.ts';

export interface TerminalExit {
  readonly code: number;
  readonly signal?: number;
}

/** What a page gives to see a terminal. */
export interface WatchOptions {
  /** Offset up to which the page has the output; undefined for a page without any. */
  readonly have?: number;
  /** A page that comes back: it gets the pen from its predecessor, whose end may not be known yet. */
  readonly isReturning?: boolean;
  readonly onData: (offset: number, data: Buffer) => void;
  /** Told after the last output, to pages that come later too. */
  readonly onExit: (exit: TerminalExit) => void;
  /** The page has drawn nothing for half a minute while output waits, and is to be given up. */
  readonly onDead: () => void;
}

/** A page's hold on a terminal. Letting it go leaves the program running. */
export interface Watch extends Disposable {
  readonly view: AttachView;
  /** Whether keys and sizes of this page are taken; there is one such page at a time. */
  readonly isWriter: boolean;
  /** Begins to tell of output and exit: to be called when the page knows `view`. */
  start(): void;
  acknowledge(offset: number): void;
  write(data: string | Uint8Array): void;
  resize(size: TerminalSize): void;
}

/**
 * A program on a terminal, its output and its viewers. It outlives them all: output of an unwatched terminal is read on, so
 * that no program stops for want of a reader. The viewer that came first writes; its credit alone holds the program back.
 */
export class Terminal implements AsyncDisposable {
  readonly #process: TerminalProcess;
  readonly #ring = new OutputRing();
  readonly #screen: Screen;
  readonly #viewers = new Set<Viewer>();
  #writer: Viewer | undefined;
  #size: TerminalSize;
  #exit: TerminalExit | undefined;
  #wasSeen = false;
  #isPaused = false;
  #unwatchedBytes = 0;
  #unwatchedStretch: NodeJS.Timeout | undefined;

  constructor(process: TerminalProcess, size: TerminalSize) {
    this.#process = process;
    this.#size = size;
    this.#screen = new Screen(this.#ring, size);
    process.onData((data) => this.#take(data));
    process.onExit((exit) => this.#finish(exit));
  }

  /** Shows the terminal to a page: the missing output when that is still here, else a snapshot of the screen. */
  async watch(options: WatchOptions): Promise<Watch> {
    const view = await this.#viewFor(options.have);
    const viewer: Viewer = new Viewer({
      ring: this.#ring,
      from: view.offset,
      send: options.onData,
      onStall: () => this.#holdOrGoOn(),
      onDead: options.onDead,
      onEnd: () => {
        if (this.#exit) options.onExit(this.#exit);
      },
    });
    this.#viewers.add(viewer);
    if (options.isReturning || !this.#writer) this.#writer = viewer;
    if (this.#exit) viewer.finish();
    this.#holdOrGoOn();
    const isWriter = () => viewer === this.#writer;
    return {
      view,
      get isWriter() {
        return isWriter();
      },
      start: () => viewer.start(),
      acknowledge: (offset) => viewer.acknowledge(offset),
      write: (data) => {
        if (isWriter() && !this.#exit) this.#process.write(data);
      },
      resize: (size) => {
        if (isWriter()) this.#resize(size);
      },
      [Symbol.dispose]: () => this.#letGo(viewer),
    };
  }

  /** Ends the program; pages that watch hear of its exit. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#exit) await this.#process.kill();
    for (const viewer of this.#viewers) viewer[Symbol.dispose]();
    this.#viewers.clear();
    clearTimeout(this.#unwatchedStretch);
    this.#screen.dispose();
  }

  #take(data: Buffer): void {
    this.#screen.beforeAppend(data.length);
    this.#ring.append(data);
    for (const viewer of this.#viewers) viewer.notify();
    if (this.#viewers.size === 0) this.#readSlowly(data.length);
  }

  #finish(exit: TerminalExit): void {
    this.#exit = exit;
    clearTimeout(this.#unwatchedStretch);
    for (const viewer of this.#viewers) viewer.finish();
  }

  async #viewFor(have: number | undefined): Promise<AttachView> {
    // Nobody has answered what the program asked of its terminal, so the first page of all sees the output as it came.
    const from = have ?? (this.#wasSeen ? undefined : 0);
    this.#wasSeen = true;
    const missing = from === undefined ? undefined : this.#ring.read(from);
    if (missing) return { mode: 'resume', offset: this.#ring.end, data: missing, ...this.#size };
    return { mode: 'snapshot', ...(await this.#screen.snapshot()) };
  }

  #resize(size: TerminalSize): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    for (const viewer of this.#viewers) viewer.flushNow();
    this.#screen.resize(size);
    if (!this.#exit) this.#process.resize(size);
  }

  #letGo(viewer: Viewer): void {
    viewer[Symbol.dispose]();
    this.#viewers.delete(viewer);
    if (viewer === this.#writer) [this.#writer] = this.#viewers;
    this.#holdOrGoOn();
  }

  #holdOrGoOn(): void {
    const isHeld = this.#writer ? this.#writer.isStalled : this.#unwatchedBytes > UNWATCHED_BYTES;
    if (isHeld === this.#isPaused || this.#exit) return;
    this.#isPaused = isHeld;
    if (this.#isPaused) this.#process.pause();
    else this.#process.resume();
  }

  /** Of what nobody watches, a quarter of a megabyte is read in each quarter of a second. */
  #readSlowly(bytes: number): void {
    this.#unwatchedBytes += bytes;
    this.#unwatchedStretch ??= setTimeout(() => {
      this.#unwatchedStretch = undefined;
      this.#unwatchedBytes = 0;
      this.#holdOrGoOn();
    }, UNWATCHED_MS).unref();
    this.#holdOrGoOn();
  }
}
