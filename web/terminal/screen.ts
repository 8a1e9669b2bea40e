import { FitAddon } from '@xterm/addon-fit';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';

import { SHELL_OSC, type TerminalSize } from '#protocol';

import { copyText } from '../lesson/clipboard.ts';
import { withoutEscapes } from './input.ts';
import { DARK, LIGHT, TERMINAL_FONT } from './theme.ts';

export const FONT_SIZE_PX = 14;

/** xterm.js as we want it: widths, links, keys, paste, colours. It knows nothing of shells. */
export class Screen implements Disposable {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #abort = new AbortController();

  constructor(options: {
    readonly isDark: boolean;
    readonly onTyped: (data: string) => void;
    /** The text of a mark of the shell (OSC 633); anybody may have printed it. */
    readonly onMark: (text: string) => void;
    readonly isLeaving: (event: KeyboardEvent) => boolean;
  }) {
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
      linkHandler: { activate: (_event, text) => openLink(text) },
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.loadAddon(new WebLinksAddon((_event, address) => openLink(address)));
    this.#terminal.unicode.activeVersion = '11';
    this.#terminal.onData(options.onTyped);
    this.#terminal.parser.registerOscHandler(SHELL_OSC, (text) => {
      options.onMark(text);
      return true;
    });
    this.#terminal.attachCustomKeyEventHandler((event) => this.#takesKey(event, options.isLeaving));
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
    host.addEventListener('paste', (event) => this.#paste(event), { capture: true, signal });
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

  /** Whether the shell asked for pasted text in brackets (DEC mode 2004). */
  get isBracketed(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  scrollToEnd(): void {
    this.#terminal.scrollToBottom();
  }

  focus(): void {
    this.#terminal.focus();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#terminal.dispose();
  }

  #takesKey(event: KeyboardEvent, isLeaving: (event: KeyboardEvent) => boolean): boolean {
    if (isLeaving(event)) return false;
    const isCopy = event.ctrlKey && event.shiftKey && event.code === 'KeyC';
    if (isCopy) {
      // Chromium would open its developer tools.
      event.preventDefault();
      if (event.type === 'keydown' && this.#terminal.hasSelection()) {
        void copyText(this.#terminal.getSelection());
        this.#terminal.focus();
      }
      return false;
    }
    // The browser turns this one into a paste event.
    return !(event.ctrlKey && event.shiftKey && event.code === 'KeyV');
  }

  #paste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') this.#terminal.paste(withoutEscapes(text));
  }
}

/** Whatever a learner's pod prints may look like a link: only the web, and without a way back to this page. */
function openLink(address: string): void {
  if (/^https?:\/\//i.test(address)) window.open(address, '_blank', 'noopener,noreferrer');
}
