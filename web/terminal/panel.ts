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
  readonly #listeners = new Set<() => void>();
  readonly #pasteListeners = new Set<(text: string) => void>();
  #state: PanelState = {
    menuAt: undefined,
    isFinding: false,
    isText: false,
    paste: undefined,
    clipboard: undefined,
    title: '',
  };
  #isClipboardRefused = false;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): PanelState => this.#state;

  set(change: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
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
