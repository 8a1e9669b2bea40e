import { HISTORY_LIMIT_LINES, INPUT_LINE_LIMIT_CHARACTERS } from '../../limits.ts';
import type { ControlName, Key } from './keys.ts';

/** How a line ended. */
export type LineResult =
  | { readonly type: 'line'; readonly text: string }
  | { readonly type: 'interrupt' }
  | { readonly type: 'end' };

/**
 * Edits one line on a terminal: what is typed is shown, arrows move, ^U ^W ^K erase, up and down recall.
 * `write` gets what the terminal shall show.
 */
export class LineEditor {
  readonly #write: (text: string) => void;
  readonly #history: string[] = [];
  #columns = 80;
  #prompt = '';
  #text: string[] = [];
  #cursor = 0;
  #recalled = 0;
  #draft: string[] = [];

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  resize(columns: number): void {
    // A client that does not know its size says 0.
    this.#columns = columns > 0 ? columns : 80;
  }

  /** Shows the prompt of a new line. */
  begin(prompt: string): void {
    this.#prompt = prompt;
    this.#text = [];
    this.#cursor = 0;
    this.#recalled = this.#history.length;
    this.#write(prompt);
  }

  /** Takes one key; the result when it ends the line. */
  press(key: Key): LineResult | undefined {
    if (key.type === 'text') this.#insert(Array.from(key.text));
    else if (key.name === 'enter') return this.#finish();
    else if (key.name === 'interrupt') {
      this.#write('^C\r\n');
      return { type: 'interrupt' };
    } else if (key.name === 'end-of-input' && this.#text.length === 0) return { type: 'end' };
    else this.#control(key.name);
    return undefined;
  }

  #finish(): LineResult {
    this.#move(this.#text.length);
    this.#write('\r\n');
    const text = this.#text.join('');
    if (text.trim() && text !== this.#history.at(-1)) this.#history.push(text);
    if (this.#history.length > HISTORY_LIMIT_LINES) this.#history.shift();
    return { type: 'line', text };
  }

  #control(name: ControlName): void {
    const edits: Partial<Record<ControlName, () => void>> = {
      backspace: () => this.#erase(this.#cursor - 1, this.#cursor),
      delete: () => this.#erase(this.#cursor, this.#cursor + 1),
      'end-of-input': () => this.#erase(this.#cursor, this.#cursor + 1),
      'erase-line': () => this.#erase(0, this.#cursor),
      'erase-rest': () => this.#erase(this.#cursor, this.#text.length),
      'erase-word': () => this.#erase(this.#wordStart(), this.#cursor),
      up: () => this.#recall(this.#recalled - 1),
      down: () => this.#recall(this.#recalled + 1),
      left: () => this.#move(Math.max(0, this.#cursor - 1)),
      right: () => this.#move(Math.min(this.#text.length, this.#cursor + 1)),
      home: () => this.#move(0),
      end: () => this.#move(this.#text.length),
      clear: () => this.#redraw(),
    };
    edits[name]?.();
  }

  #redraw(): void {
    this.#write(`\u001B[H\u001B[2J${this.#prompt}${this.#text.join('')}`);
    this.#moveFrom(this.#text.length, this.#cursor);
  }

  #insert(characters: readonly string[]): void {
    const room = INPUT_LINE_LIMIT_CHARACTERS - this.#text.length;
    const added = characters.slice(0, Math.max(0, room));
    const before = this.#cursor;
    this.#text.splice(before, 0, ...added);
    this.#cursor += added.length;
    this.#write(this.#text.slice(before).join(''));
    this.#wrapAtEdge();
    this.#moveFrom(this.#text.length, this.#cursor);
  }

  #erase(from: number, to: number): void {
    if (from < 0 || from >= to || to > this.#text.length) return;
    this.#move(from);
    this.#text.splice(from, to - from);
    this.#write(`\u001B[J${this.#text.slice(from).join('')}`);
    this.#moveFrom(this.#text.length, from);
  }

  #recall(index: number): void {
    if (index < 0 || index > this.#history.length || index === this.#recalled) return;
    if (this.#recalled === this.#history.length) this.#draft = this.#text;
    this.#move(0);
    this.#recalled = index;
    this.#text =
      index === this.#history.length ? this.#draft : Array.from(this.#history[index] ?? '');
    this.#cursor = this.#text.length;
    this.#write(`\u001B[J${this.#text.join('')}`);
    this.#wrapAtEdge();
  }

  #wordStart(): number {
    let at = this.#cursor;
    while (at > 0 && this.#text[at - 1] === ' ') at--;
    while (at > 0 && this.#text[at - 1] !== ' ') at--;
    return at;
  }

  #move(to: number): void {
    this.#moveFrom(this.#cursor, to);
    this.#cursor = to;
  }

  /** Moves the terminal's cursor between two places of the text, over as many rows as the line takes. */
  #moveFrom(from: number, to: number): void {
    if (from === to) return;
    const [fromRow, toRow] = [this.#row(from), this.#row(to)];
    if (toRow < fromRow) this.#write(`\u001B[${fromRow - toRow}A`);
    if (toRow > fromRow) this.#write(`\u001B[${toRow - fromRow}B`);
    this.#write('\r');
    const column = (this.#prompt.length + to) % this.#columns;
    if (column > 0) this.#write(`\u001B[${column}C`);
  }

  #row(at: number): number {
    return Math.floor((this.#prompt.length + at) / this.#columns);
  }

  // A terminal keeps its cursor on a full row until the next character comes; the rows counted here must be its own.
  #wrapAtEdge(): void {
    const end = this.#prompt.length + this.#text.length;
    if (end > 0 && end % this.#columns === 0) this.#write(' \r');
  }
}
