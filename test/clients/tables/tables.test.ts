import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { findKubectls } from '../../../server/sandbox/find-kubectl.ts';
import { isAsExpected } from '../../contract/expectation.ts';
import { parseTranscript, withoutTrailingBlanks } from '../../contract/transcript.ts';
import { findKubectl } from '../../support/find-kubectl.ts';
import { type FilledCluster, startFilledCluster } from './filled-cluster.ts';

/** Tables are made by the server: every client prints them. */
const newest = findKubectl();
/** Descriptions are the client's: these are the words of 1.33 and 1.34. */
const describer = findKubectls().findLast(({ version }) => ['1.33', '1.34'].includes(version));
const skip = describer ? false : 'NOT RUN: there is no kubectl 1.33 or 1.34 on this machine';

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
      const actual = (await cluster.run(script, newest)).split('\n').map((line) => line.trimEnd());
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
  test(`kubectl ${name.replace('-', ' ')}: ${title}`, { skip }, async () => {
    for (const { script, expected } of steps) {
      const actual = await describe(script);
      if (isAsExpected(expected, actual, 'default')) continue;
      assert.equal(actual, expected.join('\n'), script);
    }
  });
}

test('kubectl describes every kind that can be listed', { skip }, async () => {
  const kinds = await describe('kubectl api-resources --verbs=list -o name');
  // kubectl asks for these in versions that 1.34 does not serve by default, or has only for what is running.
  const others = ['volumeattributesclasses.storage.k8s.io', '.metrics.k8s.io'];
  const described = kinds
    .trim()
    .split('\n')
    .filter((kind) => !others.some((other) => kind.endsWith(other)));
  const failures = await describe(`kubectl describe ${described.join(',')} >/dev/null`);
  assert.equal(failures.replaceAll(/^Warning: .*\n/gm, ''), '');
});

function describe(commandLine: string): Promise<string> {
  return cluster.run(commandLine, describer?.file ?? newest);
}

function readPrinted(name: string) {
  return parseTranscript(name, readFileSync(join(PRINTED, `${name}.txt`), 'utf8'));
}
