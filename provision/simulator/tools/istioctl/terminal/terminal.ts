/** Where a command writes and asks. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
  /** One line of what is typed, without its end; undefined when there is nothing more. */
  readLine(): Promise<string | undefined>;
  /** Whether standard error is a terminal: then lines are rewritten and coloured. */
  readonly isInteractive: boolean;
  /** Width in character cells; 0 when unknown. */
  readonly columns: number;
}

/** Wraps `text` in an SGR colour where there is a terminal to show it. */
export function coloured(
  terminal: Terminal,
  colour: 'green' | 'yellow' | 'red' | 'blue',
  text: string,
): string {
  if (!terminal.isInteractive) return text;
  const codes = { green: 32, yellow: 33, red: 31, blue: 94 };
  return `\u001B[${codes[colour]}m${text}\u001B[0m`;
}

/** Asks until the answer is a yes or a no, any case; the end of the input is a no. */
export async function isConfirmed(terminal: Terminal, question: string): Promise<boolean> {
  for (;;) {
    terminal.stdout(`${question} `);
    const answer = (await terminal.readLine())?.trim().toLowerCase() ?? '';
    if (answer === 'y' || answer === 'yes') return true;
    // Like Go's Scanln, an empty line is no answer at all, and ends the question.
    if (answer === 'n' || answer === 'no' || answer === '') return false;
  }
}
