import assert from 'node:assert/strict';
import { test } from 'node:test';

import { peerRow, percentileRows } from './peer-rows.ts';

test('peerRow() holds ours against the naive terminal and wetty, and asks for a share of the naive one', () => {
  const head = { id: 'echo', what: 'key echo', unit: 'ms', ratio: 0.6 } as const;
  assert.deepEqual(peerRow(head, { own: 1, naive: 2, wetty: 4 }), {
    id: 'echo',
    what: 'key echo',
    unit: 'ms',
    value: 1,
    peers: [
      { name: 'naive', value: 2 },
      { name: 'wetty', value: 4 },
    ],
    goal: { atMost: 1.2 },
  });
});

test('percentileRows() leave out a terminal that was not measured', () => {
  const times = { own: [1, 2], naive: [3, 4] };
  assert.deepEqual(percentileRows({ id: 'prompt', what: 'prompt' }, times, [{ share: 0.5 }]), [
    {
      id: 'prompt-p50',
      what: 'prompt p50',
      unit: 'ms',
      value: 1,
      peers: [{ name: 'naive', value: 3 }],
    },
  ]);
});
