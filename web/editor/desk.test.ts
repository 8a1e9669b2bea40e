import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type FileStamp, NO_FILE } from '#protocol';

import { ProblemError } from '../api/http.ts';
import { EditorDesk, type FilesOfDesk, isUnsaved } from './desk.ts';

/** A sandbox of files in memory whose versions count. */
function fakeFiles(start: Readonly<Record<string, string>>) {
  const files = new Map(
    Object.entries(start).map(([path, text]) => [path, { text, version: 'v1' }]),
  );
  let made = 1;
  const stampOf = (path: string): FileStamp => ({
    path,
    version: files.get(path)?.version ?? NO_FILE,
  });
  const client: FilesOfDesk = {
    async read(path) {
      const file = files.get(path);
      if (!file) throw new ProblemError({ code: 'file-missing', message: '' }, 404);
      return { path, ...file };
    },
    async version(path) {
      return stampOf(path);
    },
    async write(path, version, body) {
      if (version !== 'any' && version !== stampOf(path).version) {
        throw new ProblemError({ code: 'file-changed', message: '' }, 409);
      }
      files.set(path, { text: await new Response(body).text(), version: `v${++made}` });
      return stampOf(path);
    },
  };
  const byShell = (path: string, text: string) => files.set(path, { text, version: `v${++made}` });
  return { client, files, byShell };
}

function type(desk: EditorDesk, path: string, text: string): void {
  const file = desk.state().files.find((one) => one.path === path);
  if (!file) throw new Error(`${path} is not open`);
  const changes = { from: 0, to: file.state.doc.length, insert: text };
  desk.typed(path, file.state.update({ changes }).state);
}

/** Each open file in a line. */
function shown(desk: EditorDesk): readonly string[] {
  return desk.state().files.map((file) => {
    const marks = [
      isUnsaved(file) && 'unsaved',
      file.hasConflict && 'conflict',
      file.problem?.code,
    ];
    return [file.path, JSON.stringify(file.state.doc.toString()), ...marks]
      .filter(Boolean)
      .join(' ');
  });
}

test('EditorDesk.open() brings files to the front, makes those that a lesson names, and tells of others', async () => {
  const { client, files } = fakeFiles({ '/root/a': 'one' });
  const desk = new EditorDesk(client, 'session');
  await desk.open('/root/a');
  await desk.open('/root/new', { isNew: true });
  await desk.open('/root/gone');
  assert.deepEqual(shown(desk), ['/root/a "one"', '/root/new ""']);
  assert.deepEqual(
    [desk.state().front, desk.state().problem?.problem.code, files.get('/root/new')?.text],
    ['/root/new', 'file-missing', ''],
  );
  await desk.open('/root/a');
  assert.deepEqual([desk.state().front, desk.state().problem], ['/root/a', undefined]);
});

test('EditorDesk.save() writes what was read, and asks when the file has changed meanwhile', async () => {
  const { client, files, byShell } = fakeFiles({ '/root/a': 'one' });
  const desk = new EditorDesk(client, 'session');
  await desk.open('/root/a');
  type(desk, '/root/a', 'two');
  assert.deepEqual(shown(desk), ['/root/a "two" unsaved']);
  await desk.save('/root/a');
  assert.deepEqual([shown(desk), files.get('/root/a')?.text], [['/root/a "two"'], 'two']);
  type(desk, '/root/a', 'mine');
  byShell('/root/a', 'theirs');
  await desk.save('/root/a');
  assert.deepEqual(
    [shown(desk), files.get('/root/a')?.text],
    [['/root/a "mine" unsaved conflict'], 'theirs'],
  );
  await desk.save('/root/a', { isForced: true });
  assert.deepEqual([shown(desk), files.get('/root/a')?.text], [['/root/a "mine"'], 'mine']);
});

test('EditorDesk.look() follows the shell, but never over unsaved text', async () => {
  const { client, files, byShell } = fakeFiles({ '/root/a': 'one' });
  const desk = new EditorDesk(client, 'session');
  await desk.open('/root/a');
  byShell('/root/a', 'two');
  await desk.look();
  assert.deepEqual(shown(desk), ['/root/a "two"']);
  type(desk, '/root/a', 'mine');
  byShell('/root/a', 'three');
  await desk.look();
  assert.deepEqual(shown(desk), ['/root/a "mine" unsaved conflict']);
  await desk.reload('/root/a');
  assert.deepEqual(shown(desk), ['/root/a "three"']);
  files.delete('/root/a');
  await desk.look();
  assert.deepEqual(shown(desk), ['/root/a "three" conflict']);
});

test('EditorDesk.save() keeps what is typed while it is on its way as unsaved', async () => {
  const { client } = fakeFiles({ '/root/a': 'one' });
  const desk = new EditorDesk(client, 'session');
  await desk.open('/root/a');
  type(desk, '/root/a', 'two');
  const saving = desk.save('/root/a');
  type(desk, '/root/a', 'three');
  await saving;
  assert.deepEqual(shown(desk), ['/root/a "three" unsaved']);
});

test('EditorDesk.moved() and close() keep the rest as it is', async () => {
  const { client } = fakeFiles({ '/root/d/a': 'a', '/root/b': 'b', '/root/da': 'c' });
  const desk = new EditorDesk(client, 'session');
  for (const path of ['/root/d/a', '/root/b', '/root/da']) await desk.open(path);
  desk.moved('/root/d', '/root/e');
  assert.deepEqual(shown(desk), ['/root/e/a "a"', '/root/b "b"', '/root/da "c"']);
  desk.close('/root/da');
  assert.equal(desk.state().front, '/root/b');
  desk.close('/root/b');
  desk.close('/root/e/a');
  assert.deepEqual([shown(desk), desk.state().front], [[], undefined]);
});
