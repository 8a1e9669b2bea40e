import { sliceInput } from './input.ts';

/** Sent before the program must have read on (protocol/socket.ts), in UTF-16 units. */
export const TYPING_STEP_CHARACTERS = 128 * 1024;
const INTERRUPT = '\u0003';

/** Sends what is typed and pasted in pieces, no faster than the program reads. */
export class Typing {
  readonly #send: (piece: string, onRoom?: () => void) => void;
  #pieces: string[] = [];
  #sinceAsked = 0;
  #isWaiting = false;
  /** Answers to what was asked before a reset mean nothing. */
  #turn = 0;

  constructor(send: (piece: string, onRoom?: () => void) => void) {
    this.#send = send;
  }

  push(text: string): void {
    // Whoever interrupts does not want the rest of the paste.
    if (text === INTERRUPT && this.#pieces.length > 0) {
      this.#pieces = [];
      this.#send(text);
      return;
    }
    this.#pieces.push(...sliceInput(text));
    this.#pump();
  }

  /** Forgets what was not sent. @returns its length in UTF-16 units */
  reset(): number {
    const lost = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#pieces = [];
    this.#sinceAsked = 0;
    this.#isWaiting = false;
    this.#turn++;
    return lost;
  }

  #pump(): void {
    while (!this.#isWaiting) {
      const piece = this.#pieces.shift();
      if (piece === undefined) return;
      this.#sinceAsked += piece.length;
      if (this.#sinceAsked < TYPING_STEP_CHARACTERS) this.#send(piece);
      else this.#ask(piece);
    }
  }

  #ask(piece: string): void {
    const turn = this.#turn;
    this.#sinceAsked = 0;
    this.#isWaiting = true;
    this.#send(piece, () => {
      if (turn !== this.#turn) return;
      this.#isWaiting = false;
      this.#pump();
    });
  }
}
