import type headless from '@xterm/headless';

import { COLUMNS, ROWS } from './limits.ts';

/**
 * Largest useful count of the control sequences that the emulator obeys by counting: scrolling, inserting and deleting
 * lines; repeating a character, tabulating. A dozen bytes would otherwise keep the server busy for minutes.
 */
const LARGEST: readonly (readonly [string, number])[] = [
  ...['S', 'T', 'L', 'M'].map((final) => [final, ROWS.max] as const),
  ...['b', 'I', 'Z'].map((final) => [final, COLUMNS.max] as const),
];

/** Makes an emulator pass over sequences that count further than any screen reaches. */
export function limitCounts(terminal: InstanceType<typeof headless.Terminal>): void {
  for (const [final, largest] of LARGEST) {
    terminal.parser.registerCsiHandler({ final }, ([count]) => Number(count) > largest);
  }
}
