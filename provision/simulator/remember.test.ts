import assert from 'node:assert/strict';
import { test } from 'node:test';

import { REMEMBERED_LIMIT_CHARACTERS, REMEMBERED_LIMIT_ENTRIES } from './limits.ts';
import { remembering } from './remember.ts';

/** A function that notes what it is asked. */
function noting() {
  const asked: string[] = [];
  const length = remembering((text) => {
    asked.push(text);
    return text.length;
  });
  return { asked, length };
}

test('remembering() works a text out once', () => {
  const { asked, length } = noting();
  assert.deepEqual([length('100m'), length('2'), length('100m')], [4, 1, 4]);
  assert.deepEqual(asked, ['100m', '2']);
});

test('remembering() keeps no long texts', () => {
  const { asked, length } = noting();
  const long = 'a'.repeat(REMEMBERED_LIMIT_CHARACTERS + 1);
  assert.deepEqual([length(long), length(long)], [long.length, long.length]);
  assert.deepEqual(asked, [long, long]);
});

test('remembering() forgets all when it is full', () => {
  const { asked, length } = noting();
  const texts = Array.from({ length: REMEMBERED_LIMIT_ENTRIES + 1 }, (_, i) => `${i}`);
  for (const text of texts) length(text);
  length(texts[0] ?? '');
  assert.deepEqual(asked, [...texts, '0']);
});
