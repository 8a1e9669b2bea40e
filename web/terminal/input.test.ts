import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commandInput, controlOf, sliceInput } from './input.ts';

test('sliceInput() loses nothing and cuts no character in two', () => {
  const text = 'ab⛵🌊c🐚';
  for (const limit of [2, 3, 4, 5, 100]) {
    const slices = sliceInput(text, limit);
    assert.equal(slices.join(''), text);
    assert.deepEqual(
      slices.filter((slice) => slice.length > limit || !slice.isWellFormed()),
      [],
    );
  }
  assert.deepEqual(sliceInput(''), []);
});

test('commandInput() brackets several lines when the shell asked for it, and types them otherwise', () => {
  const lines = 'cat <<EOF\r\nhello\nEOF';
  assert.equal(
    commandInput(lines, { hasNewline: true, isBracketed: true }),
    '\u001b[200~cat <<EOF\rhello\rEOF\u001b[201~\r',
  );
  assert.equal(
    commandInput(lines, { hasNewline: true, isBracketed: false }),
    'cat <<EOF\rhello\rEOF\r',
  );
  assert.equal(
    commandInput('kubectl get po', { hasNewline: true, isBracketed: true }),
    'kubectl get po\r',
  );
  assert.equal(commandInput('i', { hasNewline: false, isBracketed: true }), 'i');
});

test('controlOf() gives what a keyboard with Control would', () => {
  assert.deepEqual(['c', 'C', '[', ' ', '1', 'é'].map(controlOf), [
    '\u0003',
    '\u0003',
    '\u001B',
    '\0',
    '1',
    'é',
  ]);
});
