import type { AttachView, TerminalSize } from '#protocol';

import type { TerminalProcess } from '../sandbox/sandbox.ts';
import { EXIT_SILENCE_MS, RING_BYTES } from './limits.ts';
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
  readonly onData: (offset: number, data: Buffer) => void;
  readonly onExit: (exit: TerminalExit) => void;
}

/** A page's hold on a terminal. Letting it go leaves the program running. */
export interface Watch extends Disposable {
  readonly view: AttachView;
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
  readonly #viewers = new Map<Viewer, WatchOptions>();
  #size: TerminalSize;
  #exit: TerminalExit | undefined;
  #lastOutputMs = 0;

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
    const viewer = new Viewer({
      ring: this.#ring,
      from: view.offset,
      send: options.onData,
      onStall: () => this.#holdOrGoOn(),
    });
    this.#viewers.set(viewer, options);
    // Output may have come while the snapshot was made.
    if (view.offset < this.#ring.end) viewer.notify();
    if (this.#exit) options.onExit(this.#exit);
    return {
      view,
      acknowledge: (offset) => viewer.acknowledge(offset),
      write: (data) => {
        if (this.#isWriter(viewer) && !this.#exit) this.#process.write(data);
      },
      resize: (size) => {
        if (this.#isWriter(viewer)) this.#resize(size);
      },
      [Symbol.dispose]: () => {
        viewer[Symbol.dispose]();
        this.#viewers.delete(viewer);
        this.#holdOrGoOn();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const viewer of this.#viewers.keys()) viewer[Symbol.dispose]();
    this.#viewers.clear();
    if (!this.#exit) await this.#process.kill();
    this.#screen.dispose();
  }

  #take(data: Buffer): void {
    this.#lastOutputMs = performance.now();
    this.#screen.beforeAppend(data.length, RING_BYTES);
    this.#ring.append(data);
    for (const viewer of this.#viewers.keys()) viewer.notify();
  }

  /** The exit is known before the last output has been read: it is told after a short silence. */
  #finish(exit: TerminalExit): void {
    const waitMs = this.#lastOutputMs + EXIT_SILENCE_MS - performance.now();
    if (waitMs > 0) {
      setTimeout(() => this.#finish(exit), waitMs).unref();
      return;
    }
    this.#exit = exit;
    for (const options of this.#viewers.values()) options.onExit(exit);
  }

  async #viewFor(have: number | undefined): Promise<AttachView> {
    const missing = have === undefined ? undefined : this.#ring.read(have);
    if (missing) return { mode: 'resume', offset: this.#ring.end, data: missing, ...this.#size };
    return this.#snapshot();
  }

  async #snapshot(): Promise<AttachView> {
    const size = this.#size;
    const { data, offset } = await this.#screen.snapshot();
    return { mode: 'snapshot', offset, data, ...size };
  }

  #resize(size: TerminalSize): void {
    if (size.columns === this.#size.columns && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#screen.resize(size);
    if (!this.#exit) this.#process.resize(size);
  }

  #isWriter(viewer: Viewer): boolean {
    const [writer] = this.#viewers.keys();
    return viewer === writer;
  }

  #holdOrGoOn(): void {
    const [writer] = this.#viewers.keys();
    if (writer?.isStalled) this.#process.pause();
    else this.#process.resume();
  }
}
