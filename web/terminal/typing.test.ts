import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Typing, TYPING_STEP_CHARACTERS } from './typing.ts';

function start() {
  const sent: string[] = [];
  const answers: (() => void)[] = [];
  const typing = new Typing((piece, onRoom) => {
    sent.push(piece);
    if (onRoom) answers.push(onRoom);
  });
  return { typing, sent, answers };
}

test('Typing sends a long paste whole and in order, each 128 Ki characters only after the program has read on', () => {
  const { typing, sent, answers } = start();
  const paste = Array.from({ length: 60_000 }, (_, line) => `line ${line}\r`).join('');
  typing.push(paste);
  typing.push('ls\r');
  for (let step = 1; answers.length > 0; step++) {
    assert.ok(sent.join('').length <= step * (TYPING_STEP_CHARACTERS + 16 * 1024));
    answers.shift()?.();
  }
  assert.equal(sent.join(''), `${paste}ls\r`);
});

test('Typing lets ^C pass a paste that waits, which is given up, and answers from before a reset change nothing', () => {
  const { typing, sent, answers } = start();
  typing.push('x'.repeat(3 * TYPING_STEP_CHARACTERS));
  typing.push('\u0003');
  assert.equal(sent.join(''), `${'x'.repeat(TYPING_STEP_CHARACTERS)}\u0003`);
  typing.push('y'.repeat(10));
  assert.equal(typing.reset(), 10);
  typing.push('z'.repeat(2 * TYPING_STEP_CHARACTERS));
  answers[0]?.();
  assert.equal(sent.join('').length, 2 * TYPING_STEP_CHARACTERS + 1);
});
