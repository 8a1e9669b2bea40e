import assert from 'node:assert/strict';

import type { Difference } from './play-steps.ts';

/** Fails a test for a difference, and says it. */
export function assertSame(difference: Difference | undefined): void {
  if (!difference) return;
  const { command, line, expected, actual } = difference;
  throw new assert.AssertionError({
    message: `line ${line}: ${command}\nprinted\n${actual}\ninstead of\n${expected}`,
    expected,
    actual,
    operator: 'isAsExpected',
  });
}
