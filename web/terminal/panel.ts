import { Observable } from '../frame/observable.ts';

/** A place in the window, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is open around a terminal's screen, and what its program has asked for. */
export interface PanelState {
  /** Where the menu is open; none while it is closed. */
  readonly menuAt: Point | undefined;
  readonly isFinding: boolean;
  /** All output as plain text, in place of the screen. */
  readonly isText: boolean;
  /** A paste that would run line by line, to be agreed to. */
  readonly paste: string | undefined;
  /** What the program wants to put on the clipboard. */
  readonly clipboard: string | undefined;
  /** The program's name for its window, as text. */
  readonly title: string;
}

/** The state of one terminal's panel; it stays while the terminal is behind another tab. */
export class Panel {
  readonly #pasteListeners = new Set<(text: string) => void>();
  readonly #store = new Observable<PanelState>({
    menuAt: undefined,
    isFinding: false,
    isText: false,
    paste: undefined,
    clipboard: undefined,
    title: '',
  });
  #isClipboardRefused = false;

  readonly subscribe = this.#store.subscribe;
  readonly state = this.#store.state;

  set(change: Partial<PanelState>): void {
    this.#store.set({ ...this.state(), ...change });
  }

  /** Text from the clipboard that a button or a key has brought; what becomes of it is the terminal's to decide. */
  requestPaste(text: string): void {
    for (const listener of this.#pasteListeners) listener(text);
  }

  onPaste(listener: (text: string) => void): () => void {
    this.#pasteListeners.add(listener);
    return () => this.#pasteListeners.delete(listener);
  }

  /** A program wants the clipboard. Who has said no is not asked again by this terminal. */
  askForClipboard(text: string): void {
    if (!this.#isClipboardRefused) this.set({ clipboard: text });
  }

  refuseClipboard(): void {
    this.#isClipboardRefused = true;
    this.set({ clipboard: undefined });
  }
}
