/** The part of xterm.js, in the page or headless, in which sequences are answered. */
export interface OscTerminal {
  readonly parser: {
    registerOscHandler(id: number, handler: (data: string) => boolean): unknown;
  };
  onTitleChange(listener: (title: string) => void): unknown;
}

/** What programs may ask of the page. */
export interface OscListeners {
  /** Text for the clipboard; the learner decides. */
  readonly onClipboard: (text: string) => void;
  readonly onTitle: (title: string) => void;
}

const CLIPBOARD_OSC = 52;
/** Text for the clipboard, in base64. */
const CLIPBOARD_CHARACTERS = 128 * 1024;
const TITLE_CHARACTERS = 80;
/** Controls, and characters that turn the direction of what is around them. */
const UNSEEN = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/**
 * What a program prints may come from a stranger's pod. The clipboard is never read for it, and written only when the
 * learner agrees (OSC 52); titles (OSC 0, 2) are text without tricks. Every other request is xterm.js's own business: it
 * answers what a terminal is, and never with text of the program's choosing.
 */
export function applyOscPolicy(
  terminal: OscTerminal,
  { onClipboard, onTitle }: OscListeners,
): void {
  terminal.parser.registerOscHandler(CLIPBOARD_OSC, (data) => {
    const text = clipboardText(data);
    if (text !== undefined && text !== '') onClipboard(text);
    // Handled, whatever it was: a question is not answered.
    return true;
  });
  terminal.onTitleChange((title) =>
    onTitle(title.replaceAll(UNSEEN, '').slice(0, TITLE_CHARACTERS)),
  );
}

/** The text of `52;c;BASE64`; none of a question, or of anything else. */
function clipboardText(data: string): string | undefined {
  const encoded = /^[^;]*;([A-Za-z0-9+/=]+)$/.exec(data)?.[1];
  if (encoded === undefined || encoded.length > CLIPBOARD_CHARACTERS) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.codePointAt(0) ?? 0);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
