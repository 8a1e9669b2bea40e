import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseIndex } from './index-json.ts';

const read = (regatta: object) =>
  parseIndex(
    JSON.stringify(
      { title: 'Lab', description: 'A lab', details: { steps: [] }, regatta },
      null,
      1,
    ),
    new Set(),
  );

test("a lab's shell looks names up only when its index.json asks for that", () => {
  assert.equal(read({}).lab?.usesDns, false);
  assert.equal(read({ dns: false }).lab?.usesDns, false);
  assert.equal(read({ dns: true }).lab?.usesDns, true);
});

test('a value of "dns" that is neither true nor false keeps the lab from opening, and its line is told', () => {
  assert.deepEqual(read({ dns: '10.96.0.10' }), {
    problems: [{ line: 8, message: '"dns" must be true or false', severity: 'error' }],
  });
});
