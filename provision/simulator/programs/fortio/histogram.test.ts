import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Histogram } from './histogram.ts';

test('Histogram prints the table of values that fortio does', () => {
  const histogram = new Histogram({ resolution: 0.001 });
  for (const value of [0.0005, 0.002, 0.0021, 0.004, 0.0135, 0.2]) histogram.record(value);
  assert.deepEqual(histogram.table('Aggregated Function Time', [50, 75, 99]), [
    'Aggregated Function Time : count 6 avg 0.037016667 +/- 0.07301 min 0.0005 max 0.2 sum 0.2221',
    '# range, mid point, percentile, count',
    '>= 0.0005 <= 0.001 , 0.00075 , 16.67, 1',
    '> 0.001 <= 0.002 , 0.0015 , 33.33, 1',
    '> 0.002 <= 0.003 , 0.0025 , 50.00, 1',
    '> 0.003 <= 0.004 , 0.0035 , 66.67, 1',
    '> 0.012 <= 0.014 , 0.013 , 83.33, 1',
    '> 0.18 <= 0.2 , 0.19 , 100.00, 1',
    '# target 50% 0.003',
    '# target 75% 0.013',
    '# target 99% 0.1988',
  ]);
});

test('Histogram has no data at first, and its bytes do not grow with its values', () => {
  const histogram = new Histogram({ resolution: 0.001 });
  assert.deepEqual(histogram.table('Error cases', [50]), ['Error cases : no data']);
  for (let index = 0; index < 10_000; index++) histogram.record(index / 1_000);
  assert.equal(histogram.toJson([]).Data?.length, 50);
});

test('Histogram.together() is what one histogram of all values would be', () => {
  const [left, right, all] = [0, 1, 2].map(() => new Histogram({ resolution: 0.001 }));
  assert.ok(left && right && all);
  for (const [index, value] of [0.001, 0.02, 0.3, 0.004].entries()) {
    (index % 2 === 0 ? left : right).record(value);
    all.record(value);
  }
  const sum = Histogram.together([left, right], { resolution: 0.001 });
  assert.deepEqual(sum.table('x', [50, 90]), all.table('x', [50, 90]));
});
