import type { Readable } from 'node:stream';

import { STDIN_LIMIT_BYTES } from '../../limits.ts';
import type { Key } from './keys.ts';
import { KeyDecoder } from './keys.ts';
import type { LineResult } from './line-editor.ts';
import { LineEditor } from './line-editor.ts';

type Reader = (key: Key) => void;

/**
 * The terminal side of an interactive command: lines are edited at a prompt, and while a command runs ^C interrupts
 * it and all else waits for the next line.
 */
export class Terminal {
  readonly #write: (text: string) => void;
  readonly #editor: LineEditor;
  readonly #waiting: Key[] = [];
  #reader: Reader | undefined;
  #onEnd: (() => void) | undefined;
  #hasEnded = false;
  #onInterrupt: (() => void) | undefined;

  constructor(input: Readable, write: (text: string) => void) {
    this.#write = write;
    this.#editor = new LineEditor(write);
    const decoder = new KeyDecoder();
    input.on('data', (bytes: Buffer) => {
      for (const key of decoder.decode(bytes)) this.#take(key);
    });
    input.on('end', () => {
      this.#hasEnded = true;
      this.#onEnd?.();
    });
  }

  resize(columns: number): void {
    this.#editor.resize(columns);
  }

  /** One line, typed at `prompt`; `end` after ^D or when the client is gone. */
  readLine(prompt: string): Promise<LineResult> {
    this.#editor.begin(prompt);
    return this.#read((key) => this.#editor.press(key), { type: 'end' });
  }

  /** Everything typed up to ^D on a line of its own, as a program without an editor of its own reads it. */
  async readInput(signal: AbortSignal): Promise<Buffer> {
    const lines: string[] = [];
    let size = 0;
    while (!signal.aborted && size < STDIN_LIMIT_BYTES) {
      const result = await this.readLine('');
      if (result.type === 'interrupt') this.#onInterrupt?.();
      if (result.type !== 'line') break;
      lines.push(`${result.text}\n`);
      size += result.text.length + 1;
    }
    return Buffer.from(lines.join(''));
  }

  /** Calls `onInterrupt` for ^C until the result is disposed of. */
  whileRunning(onInterrupt: () => void): Disposable {
    this.#onInterrupt = onInterrupt;
    return { [Symbol.dispose]: () => void (this.#onInterrupt = undefined) };
  }

  #take(key: Key): void {
    if (this.#reader) {
      this.#reader(key);
      return;
    }
    if (key.type === 'control' && key.name === 'interrupt' && this.#onInterrupt) {
      this.#write('^C\r\n');
      this.#waiting.length = 0;
      this.#onInterrupt();
      return;
    }
    this.#waiting.push(key);
  }

  #read(press: (key: Key) => LineResult | undefined, atEnd: LineResult): Promise<LineResult> {
    return new Promise((resolve) => {
      let isDone = false;
      const finish = (result: LineResult) => {
        isDone = true;
        this.#reader = undefined;
        this.#onEnd = undefined;
        resolve(result);
      };
      this.#reader = (key) => {
        const result = press(key);
        if (result) finish(result);
      };
      this.#onEnd = () => finish(atEnd);
      // What was typed ahead comes first; the line may be complete before all of it is used.
      const ahead = this.#waiting.splice(0);
      for (const [index, key] of ahead.entries()) {
        if (isDone) {
          this.#waiting.push(...ahead.slice(index));
          break;
        }
        this.#reader?.(key);
      }
      if (this.#hasEnded && !isDone) finish(atEnd);
    });
  }
}
