import { StringDecoder } from 'node:string_decoder';

/** One thing typed. */
export type Key =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'control'; readonly name: ControlName };

export type ControlName =
  | 'enter'
  | 'backspace'
  | 'delete'
  | 'interrupt'
  | 'end-of-input'
  | 'erase-line'
  | 'erase-word'
  | 'erase-rest'
  | 'clear'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'home'
  | 'end'
  | 'ignored';

/** What terminals send for keys without a character (ECMA-48 and xterm's control sequences). */
const SEQUENCES: Readonly<Record<string, ControlName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\u007F': 'backspace',
  '\b': 'backspace',
  '\u0001': 'home',
  '\u0002': 'left',
  '\u0003': 'interrupt',
  '\u0004': 'end-of-input',
  '\u0005': 'end',
  '\u0006': 'right',
  '\u000B': 'erase-rest',
  '\u000C': 'clear',
  '\u000E': 'down',
  '\u0010': 'up',
  '\u0015': 'erase-line',
  '\u0017': 'erase-word',
  '\u001B[A': 'up',
  '\u001B[B': 'down',
  '\u001B[C': 'right',
  '\u001B[D': 'left',
  '\u001B[H': 'home',
  '\u001B[F': 'end',
  '\u001B[1~': 'home',
  '\u001B[3~': 'delete',
  '\u001B[4~': 'end',
  '\u001BOA': 'up',
  '\u001BOB': 'down',
  '\u001BOC': 'right',
  '\u001BOD': 'left',
  '\u001BOH': 'home',
  '\u001BOF': 'end',
};

/** Cuts what a terminal sends into keys; a character or sequence that comes in two pieces is waited for. */
export class KeyDecoder {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  decode(bytes: Uint8Array): readonly Key[] {
    let text = this.#rest + this.#decoder.write(Buffer.from(bytes));
    this.#rest = '';
    const keys: Key[] = [];
    while (text) {
      const token = this.#token(text);
      if (token === undefined) {
        this.#rest = text;
        return keys;
      }
      keys.push(toKey(token));
      text = text.slice(token.length);
    }
    return keys;
  }

  /** The next token; undefined when only its beginning is there. */
  #token(text: string): string | undefined {
    if (text.startsWith('\u001B')) {
      const rest = text.slice(1);
      if (rest === '' || rest === '[' || rest === 'O') return undefined;
      if (rest.startsWith('[')) {
        const [sequence] = /^\[[^@-~]*[@-~]/.exec(rest) ?? [];
        return sequence === undefined ? undefined : text.slice(0, sequence.length + 1);
      }
      return text.slice(0, rest.startsWith('O') ? 3 : 2);
    }
    // A paste is one token up to its next control character.
    let end = 0;
    while (end < text.length && text.charCodeAt(end) >= 32 && text[end] !== '\u007F') end++;
    return end > 0 ? text.slice(0, end) : text.slice(0, 1);
  }
}

function toKey(token: string): Key {
  const name = SEQUENCES[token];
  if (name) return { type: 'control', name };
  const isText = token.charCodeAt(0) >= 32 && token !== '\u007F';
  return isText ? { type: 'text', text: token } : { type: 'control', name: 'ignored' };
}
