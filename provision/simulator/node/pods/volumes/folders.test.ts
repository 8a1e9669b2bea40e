import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FileError } from '../../files/file-error.ts';
import { FileTree, subFolder } from '../../files/file-tree.ts';
import { Folders } from './folders.ts';

const now = () => 0;

test('Folders give what was written in one life of the cluster to the next', () => {
  const first = new Folders(now);
  const tree = new FileTree(now);
  tree.mount('/data', first.get('volume/disk'));
  tree.writeDeep('/data/sub/file', 'kept');
  first.get('volume/empty');
  const saved = JSON.parse(JSON.stringify(first.savedFiles()));
  const second = new Folders(now, saved);
  const other = new FileTree(now);
  other.mount('/there', second.get('volume/disk'));
  assert.equal(other.readText('/there/sub/file'), 'kept');
  assert.deepEqual(second.savedFiles(), saved);
  other.remove('/there/sub', true);
  assert.deepEqual(second.savedFiles(), {});
  assert.deepEqual([second.has('volume/disk'), second.has('volume/empty')], [true, false]);
});

test('subFolder() gives the same folder to everybody who asks for its path', () => {
  const folder = new Folders(now).get('volume/disk');
  const tree = new FileTree(now);
  tree.mount('/logs', subFolder(folder, 'web/logs', 0));
  tree.write('/logs/access', 'line');
  const whole = new FileTree(now);
  whole.mount('/disk', folder);
  assert.equal(whole.readText('/disk/web/logs/access'), 'line');
});

test('A protected tree takes changes only where the deepest rule allows them, also by links', () => {
  const tree = new FileTree(now);
  tree.writeDeep('/etc/settings/color', 'blue');
  tree.makeDirectory('/tmp', false);
  tree.link('/etc/settings', '/short');
  tree.protect([
    { path: '/', isReadOnly: true },
    { path: '/tmp', isReadOnly: false },
  ]);
  const refusal = { code: 'EROFS', message: 'Read-only file system' };
  assert.throws(() => tree.write('/etc/settings/color', 'red'), refusal);
  assert.throws(() => tree.write('/short/color', 'red'), refusal);
  assert.throws(() => tree.remove('/short', false), refusal);
  assert.throws(() => tree.makeDirectory('/new', false), FileError);
  tree.write('/tmp/mine', 'x');
  assert.equal(tree.readText('/etc/settings/color'), 'blue');
});
