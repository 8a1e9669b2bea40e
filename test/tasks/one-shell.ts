import type { Sandbox, TerminalProcess } from '../../server/sandbox/sandbox.ts';
import { withStatus } from '../contract/play-steps.ts';

/** Ends what is told to the shell and what it tells: a character that no output has. */
const END = '\u001E';
/**
 * Reads commands and runs them in itself, so that variables, folders and background jobs stay. They see files instead of
 * the terminal, so that what they print has neither colours nor the terminal's width.
 */
const LISTENER = String.raw`
cd istio-1.30.3 && stty raw -echo && __printed=$(mktemp) || exit
printf '\036'
while IFS= read -r -d $'\036' __script; do
  eval "$__script" >"$__printed" 2>&1 </dev/null
  __status=$?
  cat "$__printed"
  printf '\037%d\036' $__status
done`;
const STATUS = '\u001F';
const COMMAND_LIMIT_MS = 90_000;

/** A shell of a learner that is told commands and says what each printed. */
export class OneShell implements AsyncDisposable {
  readonly #process: TerminalProcess;
  #seen: Buffer[] = [];
  #hasEnded = false;
  #look: () => void = () => undefined;

  private constructor(sandbox: Sandbox) {
    this.#process = sandbox.open({ columns: 120, rows: 40 }, { command: ['bash', '-c', LISTENER] });
    this.#process.onData((data) => {
      this.#seen.push(data);
      this.#look();
    });
    this.#process.onExit(() => {
      this.#hasEnded = true;
      this.#look();
    });
  }

  /** A shell in the folder of Istio's release. */
  static async open(sandbox: Sandbox): Promise<OneShell> {
    const shell = new OneShell(sandbox);
    await shell.#answer('start');
    return shell;
  }

  /**
   * What a command prints on both outputs, and its status as transcripts have it.
   * @throws Error when the command takes longer than 90 s or ends the shell
   */
  async run(script: string): Promise<string> {
    this.#process.write(`${script}${END}`);
    const [output = '', status] = (await this.#answer(script)).split(STATUS);
    return withStatus(output, Number(status));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
  }

  /** What the shell says until its end mark. */
  #answer(what: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#look = () => undefined;
        act();
      };
      const refuse = (reason: string) =>
        settle(() => reject(new Error(`Cannot play «${what}»: ${reason}, after\n${this.#text()}`)));
      const timer = setTimeout(() => refuse('it takes too long'), COMMAND_LIMIT_MS);
      this.#look = () => {
        if (this.#seen.at(-1)?.includes(END) === true) {
          const text = this.#text();
          this.#seen = [];
          settle(() => resolve(text.slice(0, text.indexOf(END))));
        } else if (this.#hasEnded) refuse('the shell has ended');
      };
      this.#look();
    });
  }

  #text(): string {
    return Buffer.concat(this.#seen).toString('utf8');
  }
}
