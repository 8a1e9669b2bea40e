import type headless from '@xterm/headless';

type Terminal = InstanceType<typeof headless.Terminal>;

/** Rows between which the screen scrolls, from 1, both within. */
interface Region {
  readonly top: number;
  readonly bottom: number;
}

const SECOND_SCREEN_MODES = [47, 1047, 1049];
/** Those that save the cursor, and the character set with it, when they are set, and restore both when they are reset. */
const SAVING_MODES = [1048, 1049];
const CURSOR_MODE = 25;

/**
 * What a full-screen program has set that the serialize add-on leaves out: the rows that scroll, whether the cursor shows
 * and how it looks, and line drawing. Without it a program that is shown anew after a reload draws over itself.
 * Followed by looking on at the sequences (xterm: ctlseqs, DECSTBM, DECTCEM, DECSCUSR, SCS).
 */
export class ScreenModes {
  readonly #terminal: Terminal;
  #regions: Partial<Record<'normal' | 'alternate', Region>> = {};
  #isCursorHidden = false;
  #cursorStyle = 0;
  #isLineDrawing = false;
  #savedLineDrawing = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    const { parser } = terminal;
    // None of these is handled here: xterm.js does what it would do.
    parser.registerCsiHandler({ final: 'r' }, (params) => this.#see(() => this.#scroll(params)));
    for (const final of ['h', 'l']) {
      parser.registerCsiHandler({ prefix: '?', final }, (params) =>
        this.#see(() => this.#switch(params, final === 'h')),
      );
    }
    parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, (params) =>
      this.#see(() => (this.#cursorStyle = first(params))),
    );
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, () =>
      this.#see(() => this.#reset()),
    );
    parser.registerEscHandler({ final: 'c' }, () => this.#see(() => this.#reset()));
    for (const final of ['0', 'B']) {
      parser.registerEscHandler({ intermediates: '(', final }, () =>
        this.#see(() => (this.#isLineDrawing = final === '0')),
      );
    }
    parser.registerEscHandler({ final: '7' }, () => this.#see(() => this.#save(true)));
    parser.registerEscHandler({ final: '8' }, () => this.#see(() => this.#save(false)));
    // A screen of another size scrolls as a whole again.
    terminal.onResize(() => (this.#regions = {}));
  }

  /** To be written before the second screen, which saves what then holds for the way back to the first one. */
  serializeSaved(): string {
    return `\u001B[0m${this.#savedLineDrawing ? '\u001B(0' : ''}`;
  }

  /** To be written after the screen. Leaves the cursor where it is, but for one that waits beyond the last column. */
  serialize(): string {
    const { active } = this.#terminal.buffer;
    const region = this.#regions[active.type];
    return (
      (region ? `\u001B[${region.top};${region.bottom}r` : '') +
      this.#cursorPlace(region) +
      (this.#isCursorHidden ? '\u001B[?25l' : '') +
      (this.#cursorStyle > 0 ? `\u001B[${this.#cursorStyle} q` : '') +
      (this.#isLineDrawing ? '\u001B(0' : '')
    );
  }

  /** The add-on may leave the cursor a cell to the left after a full row; setting region or origin moves it away. */
  #cursorPlace(region: Region | undefined): string {
    const { buffer, cols, modes } = this.#terminal;
    const { cursorX, cursorY } = buffer.active;
    // Beyond the last cell no sequence puts it.
    if (cursorX >= cols && !region && !modes.originMode) return '';
    const from = modes.originMode && region ? region.top - 1 : 0;
    return `\u001B[${cursorY + 1 - from};${Math.min(cursorX, cols - 1) + 1}H`;
  }

  #see(look: () => unknown): boolean {
    look();
    return false;
  }

  #scroll(params: Params): void {
    const { rows, buffer } = this.#terminal;
    const top = first(params) || 1;
    const last = params[1];
    const bottom = Math.min(typeof last === 'number' && last > 0 ? last : rows, rows);
    if (bottom <= top) return;
    const isWhole = top === 1 && bottom === rows;
    this.#regions = { ...this.#regions };
    if (isWhole) delete this.#regions[buffer.active.type];
    else this.#regions[buffer.active.type] = { top, bottom };
  }

  #switch(params: Params, isOn: boolean): void {
    for (const mode of params) {
      if (mode === CURSOR_MODE) this.#isCursorHidden = !isOn;
      if (typeof mode === 'number' && SAVING_MODES.includes(mode)) this.#save(isOn);
      if (typeof mode === 'number' && SECOND_SCREEN_MODES.includes(mode)) {
        this.#regions = { ...this.#regions };
        delete this.#regions.alternate;
      }
    }
  }

  #save(isSaving: boolean): void {
    if (isSaving) this.#savedLineDrawing = this.#isLineDrawing;
    else this.#isLineDrawing = this.#savedLineDrawing;
  }

  #reset(): void {
    this.#regions = {};
    this.#isCursorHidden = false;
    this.#cursorStyle = 0;
    this.#isLineDrawing = false;
    this.#savedLineDrawing = false;
  }
}

type Params = readonly (number | readonly number[])[];

function first(params: Params): number {
  const [value] = params;
  return typeof value === 'number' ? value : 0;
}
