import { SerializeAddon } from '@xterm/addon-serialize';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

import type { TerminalSize } from '#protocol';

import { SCROLLBACK_LINES } from './limits.ts';
import type { OutputRing } from './ring.ts';

/**
 * What a terminal shows, kept by an emulator without a display. It is fed late: only when a snapshot is asked for, and
 * before the ring would forget what it has not seen, so that output nobody asks about is parsed once or never.
 */
export class Screen {
  readonly #ring: OutputRing;
  readonly #emulator: InstanceType<typeof headless.Terminal>;
  readonly #serializer = new SerializeAddon();
  #fed = 0;
  #feeding: Promise<void> = Promise.resolve();

  constructor(ring: OutputRing, size: TerminalSize) {
    this.#ring = ring;
    this.#emulator = new headless.Terminal({
      cols: size.columns,
      rows: size.rows,
      scrollback: SCROLLBACK_LINES,
      allowProposedApi: true,
    });
    this.#emulator.loadAddon(this.#serializer);
    // The page uses the same widths: a wide character that is narrow here would shift everything after it.
    this.#emulator.loadAddon(new Unicode11Addon());
    this.#emulator.unicode.activeVersion = '11';
  }

  /** To be called before `incoming` more bytes are put into the ring. */
  beforeAppend(incoming: number, ringBytes: number): void {
    if (this.#ring.end + incoming - this.#fed > ringBytes) this.#feed();
  }

  /** The new size holds from here on: what came before is drawn at the old one. */
  resize({ columns, rows }: TerminalSize): void {
    this.#feed();
    this.#feeding = this.#feeding.then(() => this.#emulator.resize(columns, rows));
  }

  /** The screen and its scrollback as text with escapes, and the offset in the stream it stands for. */
  async snapshot(): Promise<{ readonly data: string; readonly offset: number }> {
    this.#feed();
    const offset = this.#fed;
    await this.#feeding;
    return { data: this.#serializer.serialize({ scrollback: SCROLLBACK_LINES }), offset };
  }

  dispose(): void {
    this.#emulator.dispose();
  }

  #feed(): void {
    const data = this.#ring.read(Math.max(this.#fed, this.#ring.start));
    this.#fed = this.#ring.end;
    if (!data || data.length === 0) return;
    this.#feeding = this.#feeding.then(
      async () => new Promise((resolve) => this.#emulator.write(data, resolve)),
    );
  }
}
