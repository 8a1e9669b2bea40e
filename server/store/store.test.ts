import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { Store, StoreError } from './store.ts';

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-store-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('Store keeps sessions, steps, snapshots and homes over a restart', async () => {
  await withFolder(async (folder) => {
    {
      await using store = await Store.open(folder, () => 1_000);
      await store.addLearner('anna');
      await store.findOrAddSession({ id: 's1', learner: 'anna', lab: 'get-started' });
      await store.markDone('s1', 1);
      await store.markDone('s1', 0);
      await store.markDone('s1', 0);
      await store.saveSnapshot('s1', Uint8Array.of(1));
      await store.saveSnapshot('s1', Uint8Array.of(2, 3));
      await store.saveHome('s1', Uint8Array.of(4));
      await store.saveHome('s1', Uint8Array.of(5, 6));
    }
    await using store = await Store.open(folder);
    assert.equal(await store.hasLearner('anna'), true);
    assert.deepEqual(
      [...(await store.sessionsOf('anna'))].map((row) => ({ ...row })),
      [{ id: 's1', learner: 'anna', lab: 'get-started' }],
    );
    assert.deepEqual(await store.doneSteps('s1'), [0, 1]);
    assert.deepEqual(await store.snapshot('s1'), Uint8Array.of(2, 3));
    assert.deepEqual(await store.home('s1'), Uint8Array.of(5, 6));
  });
});

test('Store.findOrAddSession() gives the session that exists and never a second one', async () => {
  await withFolder(async (folder) => {
    await using store = await Store.open(folder);
    await store.addLearner('anna');
    const first = await store.findOrAddSession({ id: 's1', learner: 'anna', lab: 'faults' });
    const second = await store.findOrAddSession({ id: 's2', learner: 'anna', lab: 'faults' });
    assert.equal(second.id, first.id);
  });
});

test('Store.session() answers for the owner alone', async () => {
  await withFolder(async (folder) => {
    await using store = await Store.open(folder);
    await store.addLearner('anna');
    await store.addLearner('ben');
    await store.findOrAddSession({ id: 's1', learner: 'anna', lab: 'faults' });
    assert.equal((await store.session('s1', 'anna'))?.id, 's1');
    assert.equal(await store.session('s1', 'ben'), undefined);
  });
});

test('Store.deleteSession() takes progress, snapshot and home with it', async () => {
  await withFolder(async (folder) => {
    await using store = await Store.open(folder);
    await store.addLearner('anna');
    await store.findOrAddSession({ id: 's1', learner: 'anna', lab: 'faults' });
    await store.markDone('s1', 0);
    await store.saveSnapshot('s1', Uint8Array.of(1));
    await store.saveHome('s1', Uint8Array.of(1));
    await store.deleteSession('s1');
    assert.deepEqual(await store.doneSteps('s1'), []);
    assert.equal(await store.snapshot('s1'), undefined);
    assert.equal(await store.home('s1'), undefined);
  });
});

test('Store.open() goes on from a store of schema 1, which knew no homes', async () => {
  await withFolder(async (folder) => {
    {
      await using store = await Store.open(folder);
      await store.addLearner('anna');
      await store.findOrAddSession({ id: 's1', learner: 'anna', lab: 'faults' });
    }
    const database = new DatabaseSync(path.join(folder, 'regatta.sqlite'));
    database.exec('drop table homes; update schema_version set version = 1');
    database.close();
    await using store = await Store.open(folder);
    await store.saveHome('s1', Uint8Array.of(1));
    assert.deepEqual(await store.home('s1'), Uint8Array.of(1));
    assert.equal((await store.session('s1', 'anna'))?.id, 's1');
  });
});

test('Store.open() says what to do when the folder cannot be made', async () => {
  await withFolder(async (folder) => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await assert.rejects(Store.open(path.join(file, 'data')), (error: unknown) => {
      assert.ok(error instanceof StoreError);
      assert.equal(
        error.message,
        `Cannot keep progress in ${file}/data: ENOTDIR: not a directory, mkdir '${file}/data'; choose another folder with --data`,
      );
      return true;
    });
  });
});
