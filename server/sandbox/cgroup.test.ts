import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { findCgroups } from './cgroup.ts';

test('findCgroups() uses none where the file system of control groups is not there or not ours', async () => {
  const empty = await mkdtemp(path.join(tmpdir(), 'regatta-cgroup-'));
  try {
    assert.equal(await findCgroups(empty, '0::/app\n'), undefined);
    assert.equal(await findCgroups(empty, '4:cpu,memory:/app\n'), undefined);
    // A plain folder is no file system of control groups: there are no files to write settings into.
    await mkdir(path.join(empty, 'memory/app'), { recursive: true });
    assert.equal(await findCgroups(empty, '4:cpu,memory:/app\n'), undefined);
    assert.deepEqual(await readdir(path.join(empty, 'memory/app')), []);
    await writeFile(path.join(empty, 'cgroup.subtree_control'), 'memory pids cpu\n');
    assert.equal(await findCgroups(empty, '0::/app\n'), undefined);
  } finally {
    await rm(empty, { recursive: true });
  }
});

const groups = await findCgroups();

test(
  'Cgroups.create() makes a group that holds the processes that join it, and removes it when they are gone',
  { skip: groups === undefined && 'no control group may be used here' },
  async () => {
    assert.ok(groups);
    const group = await groups.create();
    const child = spawn('/bin/cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    await group.join(child.pid ?? -1);
    assert.ok(group.procs.length > 0);
    for (const file of group.procs) assert.equal(readFileSync(file, 'utf8'), `${child.pid}\n`);
    child.stdin.end();
    await group[Symbol.asyncDispose]();
    assert.deepEqual(
      group.procs.filter((file) => existsSync(path.dirname(file))),
      [],
    );
    assert.match(groups.limit, /^640 MiB of memory.* per learner, by cgroup v[12]$/);
  },
);
