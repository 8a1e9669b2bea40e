import type { Sandbox, TerminalProcess } from '../sandbox/sandbox.ts';

/** How one block of commands ended. */
export interface BlockResult {
  /** Exit status of the block's last command; undefined when it did not end in time. */
  readonly code: number | undefined;
  /** What the terminal showed, without the marker. */
  readonly output: string;
}

/** What `printf` prints after a block; typed as an escape, so that its echo is not taken for it. */
const MARK = '\u001F';
const MARKER = new RegExp(`${MARK}(\\d+)${MARK}`);
const ASK_STATUS = String.raw`printf '\037%d\037\n' "$?"`;
const SHOWN_CHARACTERS = 4_000;

/** Types blocks into one shell, as a learner does, so that `cd` and variables carry over. */
export class ShellDriver implements AsyncDisposable {
  readonly #process: TerminalProcess;
  #seen = '';
  #onData: () => void = () => undefined;

  constructor(sandbox: Sandbox) {
    this.#process = sandbox.open({ columns: 120, rows: 40 });
    this.#process.onData((data) => {
      this.#seen += data.toString('utf8');
      this.#onData();
    });
  }

  /** Runs a block; after `limitMs` it is interrupted. */
  async run(block: string, limitMs: number): Promise<BlockResult> {
    this.#seen = '';
    this.#process.write(`${block}\r${ASK_STATUS}\r`);
    const match = await this.#until(MARKER, limitMs);
    if (!match) {
      this.#process.write('\u0003');
      return { code: undefined, output: this.#tail() };
    }
    return { code: Number(match[1]), output: this.#tail() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }

  #until(pattern: RegExp, limitMs: number): Promise<RegExpExecArray | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(undefined), limitMs);
      const finish = (match: RegExpExecArray | undefined) => {
        clearTimeout(timer);
        this.#onData = () => undefined;
        resolve(match);
      };
      this.#onData = () => {
        const match = pattern.exec(this.#seen);
        if (match) finish(match);
      };
      this.#onData();
    });
  }

  #tail(): string {
    return this.#seen.replace(MARKER, '').slice(-SHOWN_CHARACTERS);
  }
}
