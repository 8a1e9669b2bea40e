/** Longest input sent in one message, in UTF-16 units; the server refuses messages above 256 KiB. */
const SLICE_CHARACTERS = 16 * 1024;

const ESCAPE = '\u001b';

/** A long input in pieces that a message may carry; no character is cut in two. */
export function sliceInput(text: string, limit = SLICE_CHARACTERS): string[] {
  const slices: string[] = [];
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + limit, text.length);
    const isInsidePair = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xff_ff;
    if (isInsidePair) end -= 1;
    slices.push(text.slice(start, end));
    start = end;
  }
  return slices;
}

/**
 * What reaches the shell for a command of the lesson. Several lines go in brackets when the shell asked for them
 * (DEC mode 2004), so that a here-document arrives whole; otherwise as if they were typed.
 */
export function commandInput(
  text: string,
  { hasNewline, isBracketed }: { readonly hasNewline: boolean; readonly isBracketed: boolean },
): string {
  const typed = text.replaceAll(/\r?\n/g, '\r');
  const isLong = typed.includes('\r');
  const body = isLong && isBracketed ? `${ESCAPE}[200~${typed}${ESCAPE}[201~` : typed;
  return hasNewline ? `${body}\r` : body;
}

/** What a terminal sends for a key with Control (ASCII: the letter's place in the alphabet). */
export function controlOf(key: string): string {
  const code = key.toUpperCase().codePointAt(0) ?? 0;
  if (key === ' ') return '\0';
  return code >= 0x40 && code <= 0x5f ? String.fromCodePoint(code - 0x40) : key;
}
