import { readShellMark, SHELL_OSC, type ShellView, stepShell } from '#protocol';

const START = Buffer.from(`\u001B]${SHELL_OSC};`);
const BELL = 0x07;
/** A mark that is longer than this is none: a command line in it has 4 KiB, escaped. */
const MARK_BYTES = 20 * 1024;

/**
 * Follows the marks of a shell in its output, without an emulator: a page that gets a snapshot must be told where the
 * shell stands, and most output is never drawn here. It costs one search for a short text in each piece.
 */
export class ShellScanner {
  readonly #nonce: string;
  #view: ShellView = { state: 'unknown' };
  /** The beginning of a mark at the end of the last piece. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  get view(): ShellView {
    return this.#view;
  }

  take(data: Buffer): void {
    const all = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let at = all.indexOf(START);
    while (at >= 0) {
      const end = all.indexOf(BELL, at);
      if (end < 0) break;
      const mark = readShellMark(all.toString('utf8', at + START.length, end), this.#nonce);
      if (mark) this.#view = stepShell(this.#view, mark);
      at = all.indexOf(START, end);
    }
    this.#rest = restOf(all, at);
  }
}

/** What of a piece may be the beginning of a mark. */
function restOf(all: Buffer, at: number): Buffer {
  // Copied: a view would keep the whole piece in memory.
  if (at >= 0)
    return all.length - at > MARK_BYTES ? Buffer.alloc(0) : Buffer.from(all.subarray(at));
  const escape = all.lastIndexOf(START[0] ?? 0);
  const tail = escape < 0 ? Buffer.alloc(0) : all.subarray(escape);
  const isBeginning = tail.length < START.length && START.subarray(0, tail.length).equals(tail);
  return isBeginning ? Buffer.from(tail) : Buffer.alloc(0);
}
