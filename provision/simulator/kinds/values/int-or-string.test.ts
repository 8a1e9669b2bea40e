import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scaledValue } from './int-or-string.ts';

test('scaledValue() takes percentages of the total and leaves numbers as they are', () => {
  assert.deepEqual(
    [
      scaledValue('25%', 10, 'up'),
      scaledValue('25%', 10, 'down'),
      scaledValue(4, 10, 'up'),
      scaledValue('many', 10, 'up'),
    ],
    [3, 2, 4, undefined],
  );
});
