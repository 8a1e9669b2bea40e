import { SerializeAddon } from '@xterm/addon-serialize';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

import type { TerminalSize } from '#protocol';

import { limitCounts } from './count-limits.ts';
import {
  RING_BYTES,
  SCREEN_FEED_MS,
  SCREEN_PIECE_BYTES,
  SCREEN_TURN_BYTES,
  SCROLLBACK_LINES,
} from './limits.ts';
import type { OutputRing } from './ring.ts';
import { ScreenModes } from './screen-modes.ts';

const LINE_FEED = 0x0a;
/** No colours, no line drawing, nothing on the screen. */
const PLAIN = '\u001B[0m\u001B(B\u001B[2J';
const SECOND_SCREEN = '\u001B[?1049h\u001B[H';

/** A screen as text with escapes, the size it was drawn at, and the offset in the output it stands for. */
export interface Snapshot extends TerminalSize {
  readonly data: string;
  readonly offset: number;
}

/**
 * What a terminal shows, kept by an emulator without a display. It is made and fed late: when a snapshot or another size is
 * asked for, and before the ring would forget what it has not seen, so that most output is parsed once or never. Of a
 * flood it sees only what is left at the end.
 */
export class Screen {
  readonly #ring: OutputRing;
  #size: TerminalSize;
  #emulator: Emulator | undefined;
  #fed = 0;
  #lastFeedMs = Number.NEGATIVE_INFINITY;
  /** Parsing, resizing and serialising happen one after the other, in the order they were asked for. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(ring: OutputRing, size: TerminalSize) {
    this.#ring = ring;
    this.#size = size;
  }

  /** To be called before `incoming` more bytes are put into the ring. */
  beforeAppend(incoming: number): void {
    if (this.#ring.end + incoming - this.#fed <= RING_BYTES) return;
    const isFlood = performance.now() - this.#lastFeedMs < SCREEN_FEED_MS;
    if (!isFlood) this.#feed();
  }

  /** The new size holds from here on: what came before is drawn at the old one. */
  resize(size: TerminalSize): void {
    if (this.#ring.end > 0) this.#feed();
    this.#size = size;
    const { columns, rows } = size;
    void this.#then(() => this.#emulator?.terminal.resize(columns, rows));
  }

  async snapshot(): Promise<Snapshot> {
    this.#feed();
    const offset = this.#fed;
    const size = this.#size;
    const data = this.#then(() => this.#emulator?.serialize() ?? '');
    return { data: await data, offset, ...size };
  }

  dispose(): void {
    void this.#then(() => this.#emulator?.terminal.dispose());
  }

  #feed(): void {
    this.#lastFeedMs = performance.now();
    const emulator = (this.#emulator ??= createEmulator(this.#size));
    const isSkipped = this.#fed < this.#ring.start;
    const data = this.#ring.read(Math.max(this.#fed, this.#ring.start));
    this.#fed = this.#ring.end;
    if (!data || data.length === 0) return;
    void this.#then(() => {
      // After a gap nothing of the old screen holds, and the first line that is left may lack its beginning.
      if (isSkipped) emulator.terminal.reset();
      const from = isSkipped ? data.indexOf(LINE_FEED) + 1 : 0;
      return write(emulator.terminal, data.subarray(from));
    });
  }

  #then<T>(act: () => T | Promise<T>): Promise<T> {
    const done = this.#work.then(act);
    this.#work = done;
    return done;
  }
}

async function write(terminal: Emulator['terminal'], data: Buffer): Promise<void> {
  for (let from = 0; from < data.length; from += SCREEN_TURN_BYTES) {
    const turn = data.subarray(from, from + SCREEN_TURN_BYTES);
    // Between pieces the emulator looks at the clock, and lets others have their turn.
    for (let at = 0; at < turn.length; at += SCREEN_PIECE_BYTES) {
      terminal.write(turn.subarray(at, at + SCREEN_PIECE_BYTES));
    }
    await new Promise<void>((resolve) => terminal.write('', resolve));
  }
}

interface Emulator {
  readonly terminal: InstanceType<typeof headless.Terminal>;
  readonly serialize: () => string;
}

function createEmulator({ columns, rows }: TerminalSize): Emulator {
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: SCROLLBACK_LINES,
    allowProposedApi: true,
    // What a program prints wrongly is no news for the server's log.
    logLevel: 'off',
  });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  // The page uses the same widths: a wide character that is narrow here would shift everything after it.
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  limitCounts(terminal);
  const modes = new ScreenModes(terminal);
  // The add-on leaves the colours of one screen on when it draws the second one, of full-screen programs.
  const serialize = () =>
    serializer
      .serialize({ scrollback: SCROLLBACK_LINES })
      .replace(SECOND_SCREEN, `${modes.serializeSaved()}${SECOND_SCREEN}${PLAIN}`) +
    modes.serialize();
  return { terminal, serialize };
}
