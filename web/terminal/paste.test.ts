import assert from 'node:assert/strict';
import { test } from 'node:test';

import { onOneLine, PASTE_CHARACTERS, readPaste } from './paste.ts';

test('a paste has no way out of its brackets, and keeps tabs, lines and every script', () => {
  assert.deepEqual(readPaste('echo a\u001B[201~\rrm -rf ~\u009B\u0003\0', true), {
    type: 'paste',
    text: 'echo a[201~\rrm -rf ~',
  });
  const text = 'a:\n\tb: 中文 ⛵\r\n';
  assert.deepEqual(readPaste(text, true), { type: 'paste', text });
});

test('several lines are asked about where each would run at once; one with its end is not', () => {
  assert.deepEqual(readPaste('one\ntwo', false), { type: 'ask', text: 'one\ntwo' });
  assert.deepEqual(readPaste('one\rtwo', false), { type: 'ask', text: 'one\rtwo' });
  assert.deepEqual(readPaste('one\r\n', false), { type: 'paste', text: 'one\r\n' });
  assert.deepEqual(readPaste('one\ntwo', true), { type: 'paste', text: 'one\ntwo' });
});

test('nothing is pasted of nothing, and not half of too much', () => {
  assert.deepEqual(readPaste('\u001B', true), { type: 'nothing' });
  assert.deepEqual(readPaste('x'.repeat(PASTE_CHARACTERS + 1), true), { type: 'too-long' });
});

test('onOneLine() joins lines for a look before they run', () => {
  assert.equal(onOneLine('kubectl get pods \\\r\n  -A\n'), String.raw`kubectl get pods \ -A`);
});
