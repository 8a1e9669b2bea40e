import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeyDecoder } from './keys.ts';
import type { LineResult } from './line-editor.ts';
import { LineEditor } from './line-editor.ts';

/** Types keys into an editor; the lines that came out. */
function type(...pieces: readonly string[]): readonly LineResult[] {
  const decoder = new KeyDecoder();
  const editor = new LineEditor(() => undefined);
  editor.begin('$ ');
  const results: LineResult[] = [];
  for (const piece of pieces) {
    for (const key of decoder.decode(Buffer.from(piece, 'latin1'))) {
      const result = editor.press(key);
      if (!result) continue;
      results.push(result);
      editor.begin('$ ');
    }
  }
  return results;
}

const line = (text: string): LineResult => ({ type: 'line', text });

test('A line is edited with arrows, backspace, ^U, ^W, ^A, ^E and ^K', () => {
  assert.deepEqual(type('helo\u001B[Dl\r'), [line('hello')]);
  assert.deepEqual(type('abx\u007Fc\r'), [line('abc')]);
  assert.deepEqual(type('wrong\u0015right\r'), [line('right')]);
  assert.deepEqual(type('one two  \u0017three\r'), [line('one three')]);
  assert.deepEqual(type('b\u0001a\u0005c\r'), [line('abc')]);
  assert.deepEqual(type('abc\u0001\u001B[C\u000B\r'), [line('a')]);
});

test('Up and down recall earlier lines and come back to what was being typed', () => {
  const typed = type('one\r', 'two\r', 'dra\u001B[A\u001B[A!\r', 'fresh\u001B[A\u001B[B\r');
  assert.deepEqual(typed, [line('one'), line('two'), line('one!'), line('fresh')]);
});

test('^C gives up the line; ^D ends the input on an empty line and deletes otherwise', () => {
  assert.deepEqual(type('abc\u0003', 'x\u0001\u0004\r', '\u0004'), [
    { type: 'interrupt' },
    line(''),
    { type: 'end' },
  ]);
});

test('Characters and sequences that come in pieces are put together', () => {
  const bytes = Buffer.from('é中').toString('latin1');
  assert.deepEqual(type(bytes.slice(0, 1), bytes.slice(1, 3), bytes.slice(3), '\r'), [line('é中')]);
  assert.deepEqual(type('ac\u001B', '[', 'Db\r'), [line('abc')]);
});

test('What is shown follows the edits, over the edge of the terminal too', () => {
  let shown = '';
  const editor = new LineEditor((text) => void (shown += text));
  editor.resize(5);
  editor.begin('$ ');
  editor.press({ type: 'text', text: 'abcd' });
  editor.press({ type: 'control', name: 'home' });
  assert.equal(shown, '$ abcd\u001B[1A\r\u001B[2C');
});
