import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('containment.ts', import.meta.url).href;

const SCRIPT = `
  import { containErrors, workFor } from ${JSON.stringify(MODULE)};
  containErrors((error, cluster) => console.log(cluster, error.message));
  const after = (text) => new Promise((resolve) => setTimeout(() => resolve(console.log(text)), 20));
  workFor(1, () => setTimeout(() => { throw new Error('timer'); }, 1));
  await after('other work goes on');
  workFor(2, async () => { await null; throw new Error('promise'); });
  await after('and on');
`;

test('containErrors() tells in whose work an uncaught error came up, and the process lives on', () => {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', SCRIPT];
  const output = execFileSync(process.execPath, flags, { encoding: 'utf8' });
  assert.equal(output, '1 timer\nother work goes on\n2 promise\nand on\n');
});
