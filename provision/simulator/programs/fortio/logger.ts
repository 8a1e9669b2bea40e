import type { Clock } from '../../clock.ts';
import { MOST_LOG_LINES } from './limits.ts';

/** From the lowest; fortio numbers them from 0. */
export const LEVELS = ['debug', 'verbose', 'info', 'warning', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

/** Levels in JSON and on a terminal (fortio.org/log). */
const NAMES: Readonly<Record<Level, readonly [string, string]>> = {
  debug: ['dbug', 'DBG'],
  verbose: ['trace', 'VRB'],
  info: ['info', 'INF'],
  warning: ['warn', 'WRN'],
  error: ['err', 'ERR'],
  critical: ['crit', 'CRI'],
};

/** Where in fortio's source a line comes from, and which goroutine says it (1 is the main one): both are in the line. */
export type Place = readonly [file: string, line: number, goroutine?: number];

type Fields = Readonly<Record<string, string | number>>;

/** A level by its name in any case of letters; undefined for none. */
export function readLevel(text: string): Level | undefined {
  return LEVELS.find((level) => level === text.trim().toLowerCase());
}

export interface LoggerOptions {
  readonly clock: Clock;
  readonly level: Level;
  /** JSON when standard error is no terminal, as fortio decides it. */
  readonly isTerminal: boolean;
  readonly write: (line: string) => void;
}

/** fortio's log: structured lines on standard error. */
export class Logger {
  readonly #options: LoggerOptions;
  #lines = 0;

  constructor(options: LoggerOptions) {
    this.#options = options;
  }

  logs(level: Level): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.#options.level);
  }

  log(level: Level, place: Place, message: string, fields: Fields = {}): void {
    if (!this.logs(level) || this.#lines > MOST_LOG_LINES) return;
    this.#lines++;
    const { write } = this.#options;
    if (this.#lines > MOST_LOG_LINES) {
      write(`The Regatta simulator's fortio logs no more than ${MOST_LOG_LINES} lines of a run`);
    } else {
      write(this.#line(level, place, { message, fields }));
    }
  }

  #line(
    level: Level,
    [file, line, goroutine = 1]: Place,
    { message, fields }: { readonly message: string; readonly fields: Fields },
  ): string {
    const nowMs = this.#options.clock.now();
    const [json, short] = NAMES[level];
    const entries = Object.entries(fields);
    if (this.#options.isTerminal) {
      const time = new Date(nowMs).toISOString().slice(11, 23);
      const more = entries.map(([name, value]) => `, ${name}=${value}`).join('');
      return `${time} r${goroutine} [${short}] ${file}:${line}> ${message}${more}`;
    }
    const more = entries
      .map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join('');
    return (
      `{"ts":${(nowMs / 1_000).toFixed(6)},"level":"${json}","r":${goroutine},` +
      `"file":"${file}","line":${line},"msg":${JSON.stringify(message)}${more}}`
    );
  }
}
