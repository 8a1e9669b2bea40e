import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actionOf, commandLabel } from './lesson-action.ts';

const ACTIONS = [
  { type: 'copy', text: 'a' },
  { type: 'open', path: '/root/a.yaml' },
] as const;

test('actionOf() takes nothing but a number of the list', () => {
  assert.deepEqual(actionOf('1', ACTIONS), ACTIONS[1]);
  for (const number of [undefined, '', '2', '-1', '1.0', '0x1', 'length', ' 1', '__proto__']) {
    assert.equal(actionOf(number, ACTIONS), undefined);
  }
});

test('commandLabel() is the first line, cut when long', () => {
  assert.equal(
    commandLabel('\nkubectl apply -f - <<EOF\nkind: Pod\nEOF'),
    'kubectl apply -f - <<EOF',
  );
  assert.equal(commandLabel('abcdef', 4), 'abc…');
});
