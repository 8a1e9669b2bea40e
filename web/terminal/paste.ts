/** A longer paste is a file: it is to be uploaded, not typed. */
export const PASTE_CHARACTERS = 1024 * 1024;

/** What to do with text from the clipboard. */
export type Paste =
  | { readonly type: 'nothing' }
  | { readonly type: 'paste'; readonly text: string }
  /** Each line would run as soon as it arrives. */
  | { readonly type: 'ask'; readonly text: string }
  | { readonly type: 'too-long' };

/** Control characters but tab and line ends: none can be meant by somebody who copies text. */
const CONTROLS = /(?![\t\n\r])\p{Cc}/gu;
const SEVERAL_LINES = /[\r\n][^\r\n]/;

/**
 * Decides on a paste. Without ESC and its kin, text cannot end the brackets it is pasted in (`ESC [ 201 ~`) and so run by
 * itself; without brackets (DEC mode 2004), several lines run one by one, which is asked about.
 */
export function readPaste(clipboard: string, isBracketed: boolean): Paste {
  if (clipboard.length > PASTE_CHARACTERS) return { type: 'too-long' };
  const text = clipboard.replaceAll(CONTROLS, '');
  if (text === '') return { type: 'nothing' };
  return { type: !isBracketed && SEVERAL_LINES.test(text) ? 'ask' : 'paste', text };
}

/** Several lines as one, for somebody who wants to look before running them. */
export function onOneLine(text: string): string {
  return text
    .split(/\s*[\r\n]+\s*/)
    .join(' ')
    .trim();
}
