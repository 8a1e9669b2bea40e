import { readFileSync } from 'node:fs';

/** Name of the start-up file of terminals' shells in the box, under /etc. */
export const SHELL_FILE = 'regatta.bash';
/** Reads the nonce from descriptor 7. */
export const SHELL_TEXT = readFileSync(new URL('shell.bash', import.meta.url), 'utf8');

/** The shell of a terminal, which marks its prompts; descriptor 7 gives it the nonce. */
export function shellCommand(file: string): readonly string[] {
  return ['/bin/bash', '--rcfile', file, '-i'];
}
