import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cpuMs, privateMiB } from './server-cost.ts';

test('cpuMs() adds user and system time, whatever the name of the program holds', () => {
  const stat = '7 (a) b (c)) S 1 7 7 0 -1 4194304 100 0 0 0 25 5 0 0 20 0 1 0 1000';
  assert.equal(cpuMs(stat), 300);
});

test('privateMiB() counts what no other process shares', () => {
  const rollup = [
    'Rss:                4096 kB',
    'Shared_Clean:       1024 kB',
    'Private_Clean:      1024 kB',
    'Private_Dirty:       512 kB',
  ].join('\n');
  assert.equal(privateMiB(rollup), 1.5);
});
