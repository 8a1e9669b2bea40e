import { parse, serialize } from 'just-bash';
import type { StatementNode } from 'just-bash';

import type { ShellContainer } from './container.ts';
import type { ShellEngine, ShellState } from './engine.ts';
import { readsStdin } from './reads-stdin.ts';
import type { LineResult } from './terminal/line-editor.ts';

/** Set after each line, so that a line which ends the shell is known by its absence. */
const ALIVE = '__regatta_alive';

/** Where commands come from: a person at a terminal, or a pipe. */
export interface LineSource {
  /** One line; `end` when nothing more comes. */
  readLine(prompt: string): Promise<LineResult>;
  /** What a command that reads standard input gets. */
  readInput(signal: AbortSignal): Promise<Buffer>;
  /** Calls `onInterrupt` for ^C until the result is disposed of. */
  whileRunning(onInterrupt: () => void): Disposable;
}

export interface InteractiveOptions {
  readonly container: ShellContainer;
  readonly engine: ShellEngine;
  readonly terminal: LineSource;
  /** `sh` or `bash`. */
  readonly shell: string;
  /** Ends the shell from outside. */
  readonly signal: AbortSignal;
}

/** An interactive shell: reads and runs lines until `exit` or ^D, and gives the exit status. */
export async function interact(options: InteractiveOptions): Promise<number> {
  const session = new InteractiveShell(options);
  return session.run();
}

class InteractiveShell {
  readonly #options: InteractiveOptions;
  readonly #functions = new Map<string, string>();
  #state: ShellState;
  #status = 0;

  constructor(options: InteractiveOptions) {
    this.#options = options;
    this.#state = options.engine.initialState();
  }

  async run(): Promise<number> {
    const { terminal, signal } = this.#options;
    while (!signal.aborted) {
      const text = await this.#readCommand();
      if (text === undefined) return this.#status;
      if (text === '') continue;
      const isAlive = await this.#runCommand(text, terminal);
      if (!isAlive) return this.#status;
    }
    return 137;
  }

  /** A whole command, over as many lines as it takes; undefined at the end of input. */
  async #readCommand(): Promise<string | undefined> {
    const { terminal } = this.#options;
    let text = '';
    for (;;) {
      const result = await terminal.readLine(text ? '> ' : this.#prompt());
      if (result.type === 'end') return undefined;
      if (result.type === 'interrupt') {
        this.#status = 130;
        return '';
      }
      text = text ? `${text}\n${result.text}` : result.text;
      if (!isIncomplete(text)) return text.trim() === '' ? '' : text;
    }
  }

  /** Runs a command; false when it ended the shell. */
  async #runCommand(text: string, terminal: LineSource): Promise<boolean> {
    const { engine, signal } = this.#options;
    const interrupt = new AbortController();
    using running = terminal.whileRunning(() => interrupt.abort());
    void running;
    const either = AbortSignal.any([interrupt.signal, signal]);
    const stdin = readsStdin(text) ? await terminal.readInput(either) : Buffer.alloc(0);
    const prelude = [...this.#functions.values()].join('\n');
    const status = this.#status === 0 ? '' : `(exit ${this.#status})\n`;
    const script = `${prelude}\n${status}${text}\n${ALIVE}=$?\n`;
    const { exitCode, state } = await engine.run(script, {
      stdin,
      signal: either,
      state: this.#state,
    });
    if (either.aborted) {
      this.#status = 130;
      return true;
    }
    this.#keepFunctions(text);
    const { [ALIVE]: alive, ...env } = state.env;
    this.#state = { ...state, env };
    this.#status = alive === undefined ? exitCode : Number(alive);
    // A line the shell could not read ends nothing.
    return alive !== undefined || exitCode === 2;
  }

  #keepFunctions(text: string): void {
    for (const definition of functionsIn(text)) this.#functions.set(...definition);
  }

  #prompt(): string {
    const { container, shell } = this.#options;
    const { user, hostname } = container;
    const home = this.#state.env['HOME'] ?? '/';
    const at = this.#state.workingDir;
    const isHome = at === home && home !== '/';
    const folder = isHome
      ? '~'
      : at.startsWith(`${home}/`) && home !== '/'
        ? `~${at.slice(home.length)}`
        : at;
    const mark = user.uid === 0 ? '#' : '$';
    if (shell === 'bash') return `${user.name}@${hostname}:${folder}${mark} `;
    // dash shows no folder, BusyBox' ash does.
    return container.hasBash ? `${mark} ` : `${folder} ${mark} `;
  }
}

/** Functions that a command defines, by name, as text. */
function functionsIn(text: string): readonly [string, string][] {
  try {
    return parse(text).statements.flatMap((statement): [string, string][] => {
      const command = statement.pipelines[0]?.commands[0];
      return command?.type === 'FunctionDef' ? [[command.name, textOf(statement)]] : [];
    });
  } catch {
    return [];
  }
}

function textOf(statement: StatementNode): string {
  return serialize({ type: 'Script', statements: [statement] });
}

/** Whether a shell would ask for another line before it runs this. */
function isIncomplete(text: string): boolean {
  if (/(^|[^\\])\\$|(\||&&)\s*$/.test(text)) return true;
  try {
    return JSON.stringify(parse(text)).includes('"terminated":false');
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (/got EOF|unexpected EOF/.test(message)) return true;
    // The parser names the word it was waiting for when a body is still empty.
    const [, token] = /near unexpected token `(fi|done|esac|\})'/.exec(message) ?? [];
    return token !== undefined && !new RegExp(`(^|[\\s;])${token}`).test(text);
  }
}
