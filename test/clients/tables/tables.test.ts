import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { isAsExpected } from '../../contract/expectation.ts';
import { parseTranscript, withoutTrailingBlanks } from '../../contract/transcript.ts';
import { type FilledCluster, startFilledCluster } from './filled-cluster.ts';

const PRINTED = fileURLToPath(new URL('printed', import.meta.url));
const names = readdirSync(PRINTED).map((file) => file.replace(/\.txt$/, ''));

let cluster: FilledCluster;
before(async () => {
  cluster = await startFilledCluster();
});
after(() => cluster[Symbol.asyncDispose]());

// Expected texts are upstream's (pkg/printers/internalversion, kubectl's describe), column by column and blank by blank.
for (const name of names.filter((one) => !one.startsWith('describe-'))) {
  const { title, steps } = readPrinted(name);
  test(`kubectl get ${name}: ${title}`, async () => {
    for (const { script, expected } of steps) {
      const actual = (await cluster.run(script)).split('\n').map((line) => line.trimEnd());
      assert.deepEqual(
        [script, ...withoutTrailingBlanks(actual)],
        [script, ...expected.map((line) => line.trimEnd())],
      );
    }
  });
}

// These count ages to the real time, so that they differ from run to run.
for (const name of names.filter((one) => one.startsWith('describe-'))) {
  const { title, steps } = readPrinted(name);
  test(`kubectl ${name.replace('-', ' ')}: ${title}`, async () => {
    for (const { script, expected } of steps) {
      const actual = await cluster.run(script);
      if (isAsExpected(expected, actual, 'default')) continue;
      assert.equal(actual, expected.join('\n'), script);
    }
  });
}

test('kubectl describes every kind that can be listed', async () => {
  const kinds = await cluster.run('kubectl api-resources --verbs=list -o name');
  // kubectl asks for these in versions that 1.34 does not serve by default, or has only for what is running.
  const others = ['volumeattributesclasses.storage.k8s.io', '.metrics.k8s.io'];
  const described = kinds
    .trim()
    .split('\n')
    .filter((kind) => !others.some((other) => kind.endsWith(other)));
  const failures = await cluster.run(`kubectl describe ${described.join(',')} >/dev/null`);
  assert.equal(failures.replaceAll(/^Warning: .*\n/gm, ''), '');
});

function readPrinted(name: string) {
  return parseTranscript(name, readFileSync(join(PRINTED, `${name}.txt`), 'utf8'));
}
