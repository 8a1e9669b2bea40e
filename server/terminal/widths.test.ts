import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Unicode11Addon } from '@xterm/addon-unicode11';
import headless from '@xterm/headless';

import { labTools } from '../../provision/index.ts';
import { createSandboxFactory } from '../sandbox/factory.ts';

/** What lessons, YAML and programs print: scripts, lines, signs and the usual emoji. */
const CHARACTERS = Array.from(
  'aéßñçœ«»€…—–≥≠→✓✗' +
    '─│┌┐└┘├█▒░●○■' +
    '中文日本語한국어あアｱ，。「」（）！ｗ' +
    '👍🚀🎉🐚🌊⛵✅❌⚡😀🔥🧪',
);

/** How many cells xterm.js gives a text, in the page as here. */
async function cellsOf(text: string): Promise<number> {
  const terminal = new headless.Terminal({ cols: 80, rows: 2, allowProposedApi: true });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { cursorX } = terminal.buffer.active;
  terminal.dispose();
  return cursorX;
}

test('a character is as wide for the terminal as for the programs in the box', async () => {
  await using factory = await createSandboxFactory({ mode: 'auto', ...(await labTools()) });
  await using box = await factory.create({ kubeconfig: '', locale: 'zh' });
  // GNU wc asks the same library as bash how wide a line is.
  const command = ['bash', '-c', 'for one in "$@"; do printf %s "$one" | wc -L; done', 'bash'];
  const { stdout } = await box.run({ command: [...command, ...CHARACTERS], timeoutMs: 30_000 });
  const cells: Record<string, number> = {};
  for (const one of CHARACTERS) cells[one] = await cellsOf(one);
  const columns = stdout.trim().split('\n').map(Number);
  assert.deepEqual(Object.fromEntries(CHARACTERS.map((one, at) => [one, columns[at]])), cells);
});
