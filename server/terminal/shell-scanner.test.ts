import assert from 'node:assert/strict';
import { test } from 'node:test';

import { array, assert as holds, nat, property } from 'fast-check';

import { readShellMark } from '#protocol';

import { ShellScanner } from './shell-scanner.ts';

const mark = (text: string) => `\u001B]633;${text};key\u0007`;
const SESSION =
  `${mark('D;0')}${mark(String.raw`P;Cwd=/root/日本\x3b\\`)}${mark('A')}$ ${mark('B')}ls\r\n` +
  `${mark('E;ls')}${mark('C')}\u001B[31mfile\u001B[0m\r\n\u001B]633;D;7;guessed\u0007`;
const PROMPT = `${mark('D;2')}${mark('A')}$ ${mark('B')}`;

test('ShellScanner knows where the shell stands, wherever its output is cut', () => {
  const bytes = Buffer.from(SESSION);
  const cuts = array(nat(bytes.length), { maxLength: 8 });
  holds(
    property(cuts, (places) => {
      const shell = new ShellScanner('key');
      assert.deepEqual(shell.view, { state: 'unknown' });
      const sorted = [0, ...places, bytes.length].toSorted((one, other) => one - other);
      for (const [index, from] of sorted.entries()) {
        shell.take(bytes.subarray(from, sorted[index + 1] ?? bytes.length));
      }
      assert.deepEqual(shell.view, { state: 'running', folder: '/root/日本;\\' });
      shell.take(Buffer.from(PROMPT));
      assert.deepEqual(shell.view, { state: 'free', folder: '/root/日本;\\', exitStatus: 2 });
    }),
  );
});

test('ShellScanner is not led astray by marks without the nonce, without an end, or by a flood', () => {
  const shell = new ShellScanner('key');
  shell.take(Buffer.from('\u001B]633;B\u0007\u001B]633;B;\u0007\u001B]633;B;other\u0007'));
  shell.take(Buffer.from(`\u001B]633;${'x'.repeat(64 * 1024)}`));
  shell.take(Buffer.from(mark('B')));
  assert.deepEqual(shell.view, { state: 'free' });
  assert.equal(readShellMark('B;', ''), undefined);
});

test('marks say the command line as it was typed, and nothing else is a mark', () => {
  assert.deepEqual(
    [
      'E;echo a\\x3bb\\x0ac\\\\;key',
      'D;130;key',
      'D;;key',
      'D;x;key',
      'P;Cwd;key',
      'Z;key',
      'B',
    ].map((text) => readShellMark(text, 'key')),
    [
      { type: 'command', line: 'echo a;b\nc\\' },
      { type: 'ended', exitStatus: 130 },
      { type: 'ended', exitStatus: 0 },
      undefined,
      undefined,
      undefined,
      undefined,
    ],
  );
});
