import { coloured, type Terminal } from './terminal.ts';

/** What an installation is doing, as it is shown: one line rewritten on a terminal, else one line for each change. */
export interface Progress {
  /** Work under way; shown until it is done. */
  working(message: string): void;
  done(message: string): void;
  failed(message: string): void;
}

const CLEAR_LINE = '\r\u001B[K';

/** Progress on standard error. */
export function progressOn(terminal: Terminal): Progress {
  let shown = '';
  const finish = (line: string) => {
    terminal.stderr(`${terminal.isInteractive && shown !== '' ? CLEAR_LINE : ''}${line}\n`);
    shown = '';
  };
  return {
    working(message) {
      const cut = cutTo(`- ${message}`, terminal.columns);
      if (cut === shown) return;
      shown = cut;
      if (terminal.isInteractive) {
        terminal.stderr(`${CLEAR_LINE}${coloured(terminal, 'yellow', '-')}${cut.slice(1)}`);
      } else {
        terminal.stderr(`${cut}\n`);
      }
    },
    done: (message) => finish(`${coloured(terminal, 'green', '✔')} ${message}`),
    failed: (message) => finish(`${coloured(terminal, 'red', '✘')} ${message}`),
  };
}

function cutTo(line: string, columns: number): string {
  return columns > 3 && line.length > columns ? `${line.slice(0, columns - 3)}...` : line;
}
