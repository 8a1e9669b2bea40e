import type {
  AttachView,
  TerminalExitView,
  TerminalNotice,
  TerminalRole,
  TerminalSize,
} from '#protocol';

import { UNWATCHED_BYTES, UNWATCHED_MS } from '../limits.ts';
import type { TerminalProcess } from '../sandbox/sandbox.ts';
import { OUTPUT_NOTICE_BYTES } from './limits.ts';
import { OutputRing } from './ring.ts';
import { Screen } from './screen.ts';
import { newSecrets, type TerminalSecrets } from './secrets.ts';
import { ShellScanner } from './shell-scanner.ts';
import { ViewerInput } from './viewer-input.ts';
import { Viewer } from './viewer.ts';

/** What a page gives to see a terminal. */
export interface WatchOptions {
  /** Offset up to which the page has the output; undefined for a page without any. */
  readonly have?: number;
  /** The number that the page's hold had before: its end may not be known yet. */
  readonly viewer?: number;
  readonly onData: (offset: number, data: Buffer) => void;
  /** The page writes from now on, or has stopped to. Not told of what `view` says. */
  readonly onRole: (role: TerminalRole) => void;
  readonly onNotice: (notice: TerminalNotice) => void;
  /** Told after the last output, to pages that come later too. */
  readonly onExit: (exit: TerminalExitView) => void;
  /** The page has drawn nothing for half a minute while output waits, and is to be given up. */
  readonly onDead: () => void;
}

/** A page's hold on a terminal. Letting it go leaves the program running. */
export interface Watch extends Disposable {
  readonly view: AttachView;
  /** Begins to tell of output and exit: to be called when the page knows `view`. */
  start(): void;
  acknowledge(offset: number): void;
  /** Keys of the writer; those of others are dropped. */
  write(data: string | Uint8Array): void;
  /** Settles when the program has room for more of what the page types; undefined when the page waits for that already. */
  room(): Promise<void> | undefined;
  /** The size of the writer's page; those of others do not count. */
  resize(size: TerminalSize): void;
  /** Makes this page the writer, at its size. */
  take(size: TerminalSize): void;
}

interface Hold {
  readonly number: number;
  readonly viewer: Viewer;
  readonly input: ViewerInput;
  readonly tellRole: (role: TerminalRole) => void;
  readonly tellNotice: (notice: TerminalNotice) => void;
}

/**
 * A program on a terminal, its output and its viewers. It outlives them all: output of an unwatched terminal is read on, so
 * that no program stops for want of a reader. One viewer writes: the first, then whoever takes over. Its credit alone holds
 * the program back; the others skip what they are too slow for.
 */
export class Terminal implements AsyncDisposable {
  readonly #process: TerminalProcess;
  readonly #secrets: TerminalSecrets;
  readonly #ring = new OutputRing();
  readonly #screen: Screen;
  readonly #shell: ShellScanner;
  readonly #holds = new Set<Hold>();
  #writer: Hold | undefined;
  /** The number of the page that last wrote because it wanted to: when it comes back, it writes again. */
  #owner: number | undefined;
  #nextNumber = 1;
  #size: TerminalSize;
  #exit: TerminalExitView | undefined;
  /** Why the server ends the program. */
  #endReason: TerminalExitView['reason'] = 'exit';
  #wasSeen = false;
  #isPaused = false;
  #unwatchedBytes = 0;
  #unwatchedStretch: NodeJS.Timeout | undefined;

  constructor(
    process: TerminalProcess,
    size: TerminalSize,
    secrets: TerminalSecrets = newSecrets(),
  ) {
    this.#process = process;
    this.#size = size;
    this.#secrets = secrets;
    this.#screen = new Screen(this.#ring, size);
    this.#shell = new ShellScanner(secrets.nonce);
    process.onData((data) => this.#take(data));
    process.onExit((exit) => this.#finish({ ...exit, reason: this.#endReason }));
  }

  get token(): string {
    return this.#secrets.token;
  }

  /** Shows the terminal to a page: the missing output when that is still here, else a snapshot of the screen. */
  async watch(options: WatchOptions): Promise<Watch> {
    const output = await this.#outputFor(options.have);
    const hold: Hold = {
      number: this.#nextNumber++,
      viewer: new Viewer({
        ring: this.#ring,
        from: output.offset,
        send: options.onData,
        onStall: () => this.#holdOrGoOn(),
        onDead: options.onDead,
        onEnd: () => {
          if (this.#exit) options.onExit(this.#exit);
        },
      }),
      input: new ViewerInput(this.#process, (bytes) => options.onNotice({ type: 'input', bytes })),
      tellRole: options.onRole,
      tellNotice: options.onNotice,
    };
    this.#holds.add(hold);
    const isOwner = this.#owner === undefined || options.viewer === this.#owner;
    if (isOwner) this.#owner = hold.number;
    const isWriter = isOwner || !this.#writer;
    if (isWriter) this.#handOver(hold);
    if (this.#exit) hold.viewer.finish();
    this.#holdOrGoOn();
    return {
      view: {
        ...output,
        role: isWriter ? 'writer' : 'reader',
        viewer: hold.number,
        nonce: this.#secrets.nonce,
        shell: this.#shell.view,
      },
      start: () => hold.viewer.start(),
      acknowledge: (offset) => hold.viewer.acknowledge(offset),
      write: (data) => this.#write(hold, data),
      room: () => hold.input.room(),
      resize: (size) => {
        if (hold === this.#writer) this.#resize(size);
      },
      take: (size) => {
        if (!this.#holds.has(hold)) return;
        this.#owner = hold.number;
        this.#handOver(hold, 'tell');
        this.#resize(size);
      },
      [Symbol.dispose]: () => this.#letGo(hold),
    };
  }

  /** Ends the program; pages that watch hear of its exit, and why. */
  async end(reason: TerminalExitView['reason']): Promise<void> {
    this.#endReason = reason;
    if (!this.#exit) await this.#process.kill();
    for (const hold of this.#holds) release(hold);
    this.#holds.clear();
    clearTimeout(this.#unwatchedStretch);
    this.#screen.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('closed');
  }

  #take(data: Buffer): void {
    const before = this.#ring.end;
    this.#screen.beforeAppend(data.length);
    this.#ring.append(data);
    this.#shell.take(data);
    for (const { viewer } of this.#holds) viewer.notify();
    if (this.#holds.size === 0) this.#readSlowly(data.length);
    if (before < OUTPUT_NOTICE_BYTES && this.#ring.end >= OUTPUT_NOTICE_BYTES) {
      for (const { tellNotice } of this.#holds)
        tellNotice({ type: 'output', bytes: this.#ring.end });
    }
  }

  #write(hold: Hold, data: string | Uint8Array): void {
    if (hold !== this.#writer || this.#exit) return;
    this.#owner = hold.number;
    hold.input.write(data);
  }

  #finish(exit: TerminalExitView): void {
    this.#exit = exit;
    clearTimeout(this.#unwatchedStretch);
    for (const { viewer } of this.#holds) viewer.finish();
  }

  async #outputFor(
    have: number | undefined,
  ): Promise<Pick<AttachView, 'mode' | 'offset' | 'data' | 'columns' | 'rows'>> {
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
    for (const { viewer } of this.#holds) viewer.flushNow();
    this.#screen.resize(size);
    if (!this.#exit) this.#process.resize(size);
  }

  /** Both hear of it, except a page that is only about to learn its role. */
  #handOver(hold: Hold, newcomer?: 'tell'): void {
    const before = this.#writer;
    this.#writer = hold;
    if (before === hold) return;
    before?.tellRole('reader');
    if (newcomer) hold.tellRole('writer');
    this.#holdOrGoOn();
  }

  #letGo(hold: Hold): void {
    release(hold);
    this.#holds.delete(hold);
    if (hold === this.#writer) {
      this.#writer = undefined;
      const [next] = this.#holds;
      if (next) this.#handOver(next, 'tell');
    }
    this.#holdOrGoOn();
  }

  #holdOrGoOn(): void {
    const isHeld = this.#writer
      ? this.#writer.viewer.isStalled
      : this.#unwatchedBytes > UNWATCHED_BYTES;
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

function release({ viewer, input }: Hold): void {
  viewer[Symbol.dispose]();
  input[Symbol.dispose]();
}
