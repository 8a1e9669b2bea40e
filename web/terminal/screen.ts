import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';

import { SHELL_OSC, type TerminalSize } from '#protocol';

import { copyText } from '../lesson/clipboard.ts';
import { Graphics } from './graphics.ts';
import { applyOscPolicy, type OscListeners } from './osc-policy.ts';
import { ScreenSearch } from './screen-search.ts';
import { DARK, LIGHT, TERMINAL_FONT } from './theme.ts';

export const FONT_SIZE_PX = 14;

/**
 * What programs switch on and may leave on: insertion, the keypad's arrows, reports of the mouse and of the focus, bracketed
 * paste; and by DECSTR a hidden cursor, a scroll region, colours, line drawing.
 */
const WITHOUT_PROGRAM =
  '\u001B[4l\u001B[?1;1000;1002;1003;1004;1006;2004l\u001B[?7h\u001B>\u001B[!p';
const LEAVE_SECOND_SCREEN = '\u001B[?1049l';

/** What a screen tells of, and how it looks at first. */
export interface ScreenOptions extends OscListeners {
  readonly isDark: boolean;
  readonly onTyped: (data: string) => void;
  /** The text of a mark of the shell (OSC 633); anybody may have printed it. */
  readonly onMark: (text: string) => void;
  /** Text from the clipboard, as it is there. */
  readonly onPaste: (text: string) => void;
  readonly onFind: () => void;
  readonly isLeaving: (event: KeyboardEvent) => boolean;
}

/** xterm.js as we want it: widths, links, keys, paste, colours. It knows nothing of shells. */
export class Screen implements Disposable {
  readonly #terminal: Terminal;
  readonly #options: ScreenOptions;
  readonly #fit = new FitAddon();
  readonly #abort = new AbortController();
  readonly #graphics: Graphics;
  readonly search: ScreenSearch;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      fontFamily: TERMINAL_FONT,
      fontSize: FONT_SIZE_PX,
      fontWeightBold: '700',
      lineHeight: 1.25,
      minimumContrastRatio: 4.5,
      scrollback: 5_000,
      theme: options.isDark ? DARK : LIGHT,
      linkHandler: {
        activate: (_event, address) => openLink(address),
        // A link's words may say anything: this is where it really goes.
        hover: (_event, address) => this.#say(address),
        leave: () => this.#say(''),
      },
    });
    this.#graphics = new Graphics(this.#terminal);
    const search = new SearchAddon();
    this.search = new ScreenSearch(search);
    this.#terminal.loadAddon(search);
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.loadAddon(new WebLinksAddon((_event, address) => openLink(address)));
    this.#terminal.unicode.activeVersion = '11';
    this.#terminal.onData(options.onTyped);
    this.#terminal.parser.registerOscHandler(SHELL_OSC, (text) => {
      options.onMark(text);
      return true;
    });
    applyOscPolicy(this.#terminal, options);
    this.#terminal.attachCustomKeyEventHandler((event) => this.#takesKey(event));
  }

  /** Puts the screen into the page; `label` is its name for screen readers. */
  open(host: HTMLElement, label: string): void {
    this.#terminal.open(host);
    const input = this.#terminal.textarea;
    if (input) {
      input.setAttribute('aria-label', label);
      // Phone keyboards that correct or capitalise make commands wrong.
      for (const name of ['autocapitalize', 'autocorrect', 'autocomplete'])
        input.setAttribute(name, 'off');
      input.spellcheck = false;
    }
    const { signal } = this.#abort;
    host.addEventListener('paste', (event) => this.#pasted(event), { capture: true, signal });
  }

  setLabel(label: string): void {
    this.#terminal.textarea?.setAttribute('aria-label', label);
  }

  setDark(isDark: boolean): void {
    this.#terminal.options.theme = isDark ? DARK : LIGHT;
  }

  setScreenReader(isOn: boolean): void {
    this.#terminal.options.screenReaderMode = isOn;
  }

  /** Whether the terminal is in front. */
  setVisible(isVisible: boolean): void {
    this.#graphics.setVisible(isVisible);
  }

  /** What fits into the page now; none while the screen is not shown. */
  fittingSize(): TerminalSize | undefined {
    const size = this.#fit.proposeDimensions();
    if (!size || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return undefined;
    return {
      columns: Math.min(500, Math.max(2, size.cols)),
      rows: Math.min(200, Math.max(1, size.rows)),
    };
  }

  resize({ columns, rows }: TerminalSize): void {
    this.#terminal.resize(columns, rows);
  }

  draw(data: Uint8Array | string, drawn: () => void): void {
    this.#terminal.write(data, drawn);
  }

  /** Shows a snapshot at the size it was taken with, after what is still being drawn. */
  replay(size: TerminalSize, data: Uint8Array | string, drawn: () => void): void {
    // RIS (ESC c) travels in the stream, so that it comes after the output written before it.
    this.#terminal.write('\u001Bc', () => {
      this.resize(size);
      this.#terminal.write(data, drawn);
    });
  }

  /** Makes way for another shell: what is shown stays, nothing else of the program that was, and a new line begins. */
  startAnew(): void {
    const { buffer } = this.#terminal;
    // Without a second screen, leaving it would move the cursor.
    const leave = buffer.active.type === 'alternate' ? LEAVE_SECOND_SCREEN : '';
    this.#terminal.write(`${leave}${WITHOUT_PROGRAM}`, () => {
      // A shell that is ended goes back to the beginning of its prompt's line, or stays where it was.
      const line = buffer.active.getLine(buffer.active.baseY + buffer.active.cursorY);
      if (line?.translateToString(true) !== '') this.#terminal.write('\r\n');
    });
  }

  /** Whether the shell asked for pasted text in brackets (DEC mode 2004). */
  get isBracketed(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  /** Whether the program asked for arrows of the application keypad (DECCKM). */
  get hasApplicationArrows(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode;
  }

  get hasSelection(): boolean {
    return this.#terminal.hasSelection();
  }

  /** Copies what is selected. @returns whether the browser let us */
  async copy(): Promise<boolean> {
    return copyText(this.#terminal.getSelection());
  }

  /** Types text as pasted: in brackets, when the shell asked for them. */
  paste(text: string): void {
    this.#terminal.paste(text);
  }

  selectAll(): void {
    this.#terminal.selectAll();
  }

  /** Takes away what has scrolled out, and the lines above the cursor's. */
  clear(): void {
    this.#terminal.clear();
  }

  /** All that the terminal keeps, as text; lines that were too long for the screen are whole again. */
  text(): string {
    const { active } = this.#terminal.buffer;
    let text = '';
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      if (!line) continue;
      const isContinued = active.getLine(row + 1)?.isWrapped === true;
      text += line.translateToString(!isContinued) + (isContinued ? '' : '\n');
    }
    return `${text.trimEnd()}\n`;
  }

  scrollToEnd(): void {
    this.#terminal.scrollToBottom();
  }

  focus(): void {
    this.#terminal.focus();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#graphics[Symbol.dispose]();
    this.#terminal.dispose();
  }

  #takesKey(event: KeyboardEvent): boolean {
    if (this.#options.isLeaving(event)) return false;
    if (!event.ctrlKey || !event.shiftKey) return true;
    if (event.code === 'KeyC') {
      // Chromium would open its developer tools.
      event.preventDefault();
      if (event.type === 'keydown' && this.hasSelection) {
        void this.copy();
        this.focus();
      }
      return false;
    }
    if (event.code === 'KeyF') {
      event.preventDefault();
      if (event.type === 'keydown') this.#options.onFind();
      return false;
    }
    // The browser turns this one into a paste event.
    return event.code !== 'KeyV';
  }

  #pasted(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.#options.onPaste(event.clipboardData?.getData('text/plain') ?? '');
  }

  #say(address: string): void {
    const { element } = this.#terminal;
    if (element) element.title = address;
  }
}

/** Whatever a learner's pod prints may look like a link: only the web, and without a way back to this page. */
function openLink(address: string): void {
  if (/^https?:\/\//i.test(address)) window.open(address, '_blank', 'noopener,noreferrer');
}
