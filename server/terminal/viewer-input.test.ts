import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeProcess } from './fake-process.ts';
import { INPUT_NOTICE_MS, INPUT_RATE } from './limits.ts';
import { ViewerInput } from './viewer-input.ts';

test('ViewerInput takes so much at once, and tells once of all that it refused', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const program = new FakeProcess();
  const refused: number[] = [];
  using input = new ViewerInput(program, (bytes) => refused.push(bytes));
  input.write(new Uint8Array(INPUT_RATE.burst));
  input.write('日本');
  input.write('x'.repeat(5_000));
  t.mock.timers.tick(INPUT_NOTICE_MS);
  assert.deepEqual(refused, [5_006]);
  assert.deepEqual(
    program.written.map(({ length }) => length),
    [INPUT_RATE.burst],
  );
});

test('ViewerInput lets a page go on when the program has read, and one such question is open at a time', async () => {
  const program = new FakeProcess();
  using input = new ViewerInput(program, () => undefined);
  program.isFull = true;
  const room = input.room();
  assert.ok(room);
  assert.equal(input.room(), undefined);
  program.read();
  await room;
  assert.ok(input.room());
});
