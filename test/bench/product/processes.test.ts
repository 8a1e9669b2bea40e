import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import { memoryOf } from './processes.ts';

test('memoryOf() counts a process and what it started, and not what has ended', async () => {
  const alone = await memoryOf(process.pid);
  const child = spawn('cat');
  await once(child, 'spawn');
  const together = await memoryOf(process.pid);
  const ended = once(child, 'exit');
  child.stdin.end();
  await ended;
  const after = await memoryOf(process.pid);
  assert.ok(alone.server > 1, 'a Node process has some MiB');
  assert.ok(together.sandboxes > alone.sandboxes);
  assert.equal(after.sandboxes, alone.sandboxes);
});
