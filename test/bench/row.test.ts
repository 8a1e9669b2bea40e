import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatRows, percentile } from './row.ts';

test('percentile() gives a value that was measured', () => {
  assert.equal(percentile([5, 1, 3], 0.5), 3);
  assert.equal(percentile([1, 2, 3, 4], 0.95), 4);
  assert.equal(percentile([], 0.5), Number.NaN);
});

test('formatRows() says what was measured, against whom, and whether the goal is met', () => {
  const text = formatRows([
    {
      id: 'echo',
      what: 'key echo p50',
      unit: 'ms',
      value: 0.3,
      peers: [
        { name: 'naive', value: 0.6 },
        { name: 'wetty', value: 1.2 },
      ],
      goal: { atMost: 1 },
    },
    { id: 'mesh', what: 'requests', unit: 'req/s', value: 1200, goal: { atLeast: 1500 } },
  ]);
  assert.equal(
    text,
    [
      'row   what          measured    peers                                     goal',
      'echo  key echo p50  0.30 ms     0.60 (naive, 0.50×)  1.20 (wetty, 0.25×)  ≤ 1 ms met',
      'mesh  requests      1200 req/s                                            ≥ 1500 req/s not met',
    ].join('\n'),
  );
});
