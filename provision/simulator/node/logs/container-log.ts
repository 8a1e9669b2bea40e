import type { Clock } from '../../clock.ts';
import { LOG_LIMIT_BYTES, LOG_LINE_LIMIT_BYTES } from '../limits.ts';

export interface LogLine {
  readonly timeMs: number;
  readonly text: string;
  /** What follows belongs to the same line: a long line is kept in pieces, and the last one may lack its end. */
  readonly isPartial: boolean;
}

/** What one run of a container has written: the newest lines up to the limit. */
export class ContainerLog {
  readonly clock: Clock;
  readonly #lines: LogLine[];
  readonly #listeners = new Set<() => void>();
  #bytes = 0;
  #dropped = 0;
  #partial = '';
  #isClosed = false;

  /** @param lines what it begins with */
  constructor(clock: Clock, lines: readonly LogLine[] = []) {
    this.clock = clock;
    this.#lines = [...lines];
  }

  /** Whether the run has ended: no line will follow. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Output since the last line end, a prompt for instance. */
  get partial(): string {
    return this.#partial;
  }

  writeLine(text: string): void {
    for (const line of text.split('\n')) this.#push(line);
    this.#tell();
  }

  /** Takes output as it comes; a line counts when its end is there. */
  write(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#push(line.replace(/\r$/, ''));
    if (this.#partial.length > LOG_LINE_LIMIT_BYTES) {
      this.#push(this.#partial, true);
      this.#partial = '';
    }
    this.#tell();
  }

  close(): void {
    if (this.#partial) this.#push(this.#partial, true);
    this.#partial = '';
    this.#isClosed = true;
    this.#tell();
  }

  /** Lines from `cursor` on, and where to go on from; a reader that fell behind misses what was dropped. */
  read(cursor: number): { readonly lines: readonly LogLine[]; readonly next: number } {
    const from = Math.max(0, cursor - this.#dropped);
    return { lines: this.#lines.slice(from), next: this.#dropped + this.#lines.length };
  }

  /** Calls `listener` once at the next line or at the end; disposing of the result calls it off. */
  onNext(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #push(text: string, isPartial = false): void {
    for (let at = 0; at === 0 || at < text.length; at += LOG_LINE_LIMIT_BYTES) {
      const piece = text.slice(at, at + LOG_LINE_LIMIT_BYTES);
      const hasMore = at + LOG_LINE_LIMIT_BYTES < text.length;
      const timeMs = this.clock.now();
      this.#lines.push({ timeMs, text: piece, isPartial: isPartial || hasMore });
      this.#bytes += piece.length + 1;
    }
    let drop = 0;
    while (this.#bytes > LOG_LIMIT_BYTES && drop < this.#lines.length - 1) {
      this.#bytes -= (this.#lines[drop]?.text.length ?? 0) + 1;
      drop++;
    }
    if (drop > 0) this.#lines.splice(0, drop);
    this.#dropped += drop;
  }

  #tell(): void {
    const waiting = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of waiting) listener();
  }
}
