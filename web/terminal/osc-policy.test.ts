import assert from 'node:assert/strict';
import { test } from 'node:test';

import headless from '@xterm/headless';

import { applyOscPolicy } from './osc-policy.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** What a program's output makes the page do, and what it makes the terminal type. */
async function print(output: string) {
  const terminal = new headless.Terminal({ allowProposedApi: true, logLevel: 'off' });
  const asked: string[] = [];
  const typed: string[] = [];
  terminal.onData((data) => typed.push(data));
  applyOscPolicy(terminal, {
    onClipboard: (text) => asked.push(`clipboard ${text}`),
    onTitle: (title) => asked.push(`title ${title}`),
  });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  terminal.dispose();
  return { asked, typed };
}

test('a program may ask for the clipboard to be written, and is never told what is on it', async () => {
  assert.deepEqual(
    await print(`\u001B]52;c;${base64('日本')}\u0007\u001B]52;c;?\u0007\u001B]52;;?\u001B\\`),
    {
      asked: ['clipboard 日本'],
      typed: [],
    },
  );
});

test('what is no text for the clipboard is dropped', async () => {
  const bad = [
    'c;%%%',
    'c;',
    ';',
    'c',
    `c;${'A'.repeat(200_000)}`,
    `c;${Buffer.of(0xff, 0xfe).toString('base64')}`,
  ];
  const output = bad.map((data) => `\u001B]52;${data}\u0007`).join('');
  assert.deepEqual(await print(output), { asked: [], typed: [] });
});

test('titles are short text without controls or tricks of direction; markup stays text', async () => {
  const title = `<img src=x onerror=alert(1)>\u202E\u2066gpj.${'x'.repeat(200)}`;
  const { asked } = await print(`\u001B]2;${title}\u0007`);
  assert.deepEqual(asked, [`title <img src=x onerror=alert(1)>gpj.${'x'.repeat(48)}`]);
});

test('no answer of the terminal carries words of the program’s choice', async () => {
  const questions = [
    '\u0005', // ENQ, answerback
    '\u001B]2;touch evil\u0007\u001B[21t\u001B[20t', // Report of the title
    '\u001BP$qtouch evil\u001B\\', // DECRQSS of nonsense
    '\u001BP+q746f756368\u001B\\', // XTGETTCAP
    '\u001B[18t\u001B[14t', // Reports of the window
    '\u001B]1337;ReportVariable=dG91Y2g=\u0007',
  ];
  for (const question of questions) {
    const { typed } = await print(question);
    assert.doesNotMatch(typed.join(''), /touch|evil|746f/, JSON.stringify(question));
  }
});
