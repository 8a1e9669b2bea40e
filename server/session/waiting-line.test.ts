import assert from 'node:assert/strict';
import { test } from 'node:test';

import { array, assert as holds, integer, property, record } from 'fast-check';

import { WAITING_ABSENT_MS, WAITING_LEARNERS } from '../limits.ts';
import { WaitingLine } from './waiting-line.ts';

test('nobody who keeps asking is passed, whatever others do', () => {
  const events = array(
    record({ who: integer({ min: 0, max: 5 }), frees: integer({ min: 0, max: 2 }) }),
  );
  holds(
    property(events, (asked) => {
      let now = 0;
      let free = 0;
      const line = new WaitingLine(() => now);
      const waiting: number[] = [];
      for (const { who, frees } of asked) {
        free += frees;
        // All who wait go on asking, in no special order.
        for (const other of [...waiting].toReversed()) {
          const turn = line.ask(String(other), free);
          const place = waiting.indexOf(other) + 1;
          const isTurn = place <= free;
          assert.deepEqual(turn, isTurn ? { type: 'go-in' } : { type: 'wait', place });
          if (!isTurn) continue;
          waiting.splice(waiting.indexOf(other), 1);
          free--;
        }
        now += WAITING_ABSENT_MS / 2;
        if (waiting.includes(who)) continue;
        const isNext = free > waiting.length;
        assert.equal(line.ask(String(who), free).type, isNext ? 'go-in' : 'wait');
        if (isNext) free--;
        else waiting.push(who);
      }
      assert.equal(line.length, waiting.length);
    }),
  );
});

test('a line that is as long as it may be takes nobody more', () => {
  const line = new WaitingLine(() => 0);
  for (let count = 0; count < WAITING_LEARNERS; count++) line.ask(`learner ${count}`, 0);
  assert.deepEqual(line.ask('one more', 0), { type: 'line-full' });
  assert.deepEqual(line.ask('learner 7', 0), { type: 'wait', place: 8 });
});
