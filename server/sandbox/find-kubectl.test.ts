import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { findKubectl, findKubectls } from './find-kubectl.ts';

const newest = findKubectl();

test(
  'findKubectl() gives the newest binary, which says the version itself when asked',
  { skip: newest === undefined && 'this machine has no kubectl' },
  () => {
    assert.ok(newest);
    assert.deepEqual(newest, findKubectls().at(-1));
    const { stdout } = spawnSync(newest.file, ['version', '--client'], {
      encoding: 'utf8',
      env: {},
    });
    assert.match(
      stdout,
      new RegExp(`^Client Version: v${newest.version.replace('.', String.raw`\.`)}\\.`),
    );
    assert.doesNotMatch(stdout, /dispatcher/);
  },
);
