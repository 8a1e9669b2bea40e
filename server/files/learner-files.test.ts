import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { Problem } from '../problem.ts';
import { createSandboxFactory } from '../sandbox/factory.ts';
import type { Sandbox, SandboxFactory } from '../sandbox/sandbox.ts';
import { LearnerFiles } from './learner-files.ts';

let folder: string;
let factory: SandboxFactory;
let box: Sandbox;
let files: LearnerFiles;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-files-test-'));
  await rm(folder, { recursive: true });
  for (const name of ['', 'bin', 'lib', 'home']) {
    await mkdir(path.join(folder, name), { mode: 0o755 });
  }
  factory = await createSandboxFactory({
    mode: 'auto',
    binFolder: path.join(folder, 'bin'),
    libFolder: path.join(folder, 'lib'),
    homeFolder: path.join(folder, 'home'),
  });
  box = await factory.create({ kubeconfig: '', locale: 'en' });
  files = new LearnerFiles(box);
});

after(async () => {
  await box[Symbol.asyncDispose]();
  await factory[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function shell(script: string): Promise<string> {
  const { stdout, stderr } = await box.run({
    command: ['/bin/bash', '-c', script],
    timeoutMs: 20_000,
  });
  return `${stdout}${stderr}`;
}

/** The code of the refusal, or what was answered. */
async function outcomeOf(doing: Promise<unknown>): Promise<unknown> {
  try {
    return await doing;
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
}

function write(name: string, text: string, version = 'any') {
  return files.write(name, { version, bytes: Buffer.from(text) });
}

test('a file is written with its folders, read back, and known by its version', async () => {
  const { path: absolute, version } = await write('deep/er/a.yaml', 'a: 1\n', 'none');
  assert.equal(absolute, '/root/deep/er/a.yaml');
  assert.deepEqual(await files.read('~/deep/er/a.yaml'), {
    path: absolute,
    version,
    text: 'a: 1\n',
  });
  assert.deepEqual(await files.version(absolute), { path: absolute, version });
  assert.equal(
    await shell('cat ~/deep/er/a.yaml; stat -c %a ~/deep/er/a.yaml; ls -A ~/deep/er'),
    'a: 1\n644\na.yaml\n',
  );
});

test('a file that has changed, come or gone meanwhile is not written over', async () => {
  const { version } = await write('changed', 'one');
  await shell('echo two > ~/changed');
  assert.deepEqual(
    [
      await outcomeOf(write('changed', 'three', version)),
      await outcomeOf(write('changed', 'three', 'none')),
      await outcomeOf(write('never', 'three', version)),
      await shell('cat ~/changed; ls -A ~ | grep -c regatta'),
    ],
    ['file-changed', 'file-changed', 'file-changed', 'two\n0\n'],
  );
});

test('saving keeps the mode, and a link stays a link', async () => {
  await shell('echo "echo hi" > ~/run.sh; chmod 750 ~/run.sh; ln -s run.sh ~/link.sh');
  await write('link.sh', 'echo ho');
  assert.equal(
    await shell('~/link.sh; stat -c "%a %F" ~/run.sh ~/link.sh'),
    'ho\n750 regular file\n777 symbolic link\n',
  );
});

test('names are arguments, whatever is in them', async () => {
  const names = [
    '-rf',
    '$(touch pwned)',
    'a\'b"c',
    'new\nline\n',
    ' ',
    '海图.yaml',
    '*',
    '`id`',
    '..a',
  ];
  await files.makeFolder('odd');
  for (const name of names) await write(`odd/${name}`, name, 'none');
  const { entries } = await files.list('odd');
  assert.deepEqual(entries.map(({ name }) => name).toSorted(), names.toSorted());
  for (const name of names) {
    assert.equal((await files.read(`odd/${name}`)).text, name);
    await files.move(`odd/${name}`, `odd/${name}.moved`);
    await files.delete(`odd/${name}.moved`);
  }
  assert.deepEqual((await files.list('odd')).entries, []);
  assert.equal(await shell('cd; ls pwned odd/pwned 2>/dev/null'), '');
});

test('names that no file can have are refused in words', async () => {
  const bad = [
    '',
    'a\0b',
    '\uD800',
    'a\uFFFDb',
    'x'.repeat(5000),
    `/tmp/${'y'.repeat(300)}`,
    7,
    undefined,
  ];
  const outcomes = await Promise.all(
    bad.map((name) => outcomeOf(files.write(name, { version: 'any', bytes: Buffer.from('') }))),
  );
  assert.deepEqual(
    outcomes,
    bad.map(() => 'file-name'),
  );
});

test('links and dots lead nowhere that the shell could not go', async () => {
  await shell('ln -s /etc/shadow ~/shadow; ln -s /proc/1/environ ~/environ; ln -s / ~/top');
  const host = process.cwd();
  const outcomes = await Promise.all(
    [
      'shadow',
      '/etc/shadow',
      '../../../../etc/shadow',
      'top/etc/shadow',
      `top${host}/package.json`,
    ].map((name) => outcomeOf(files.read(name))),
  );
  assert.deepEqual(
    outcomes,
    outcomes.map(() => 'file-missing'),
  );
  // What a server's box holds of its own process is what the learner's shell sees of it: nothing.
  assert.match(JSON.stringify(await outcomeOf(files.read('environ'))), /file-forbidden|"text":""/);
  assert.equal(await outcomeOf(write('/usr/bin/evil', 'x')), 'file-forbidden');
  assert.equal(await outcomeOf(write('/evil', 'x')), 'file-forbidden');
});

test('pipes, devices, folders, binaries and giants are not opened', async () => {
  await shell(
    'mkfifo ~/pipe; printf "\\377\\0" > ~/binary; truncate -s 2M ~/giant; truncate -s 20M ~/titan; ln -s /nowhere ~/dangling',
  );
  const outcomes = await Promise.all(
    ['pipe', '/dev/zero', '/root', 'binary', 'giant', 'dangling', 'nothing'].map((name) =>
      outcomeOf(files.read(name)),
    ),
  );
  assert.deepEqual(outcomes, [
    'file-special',
    'file-special',
    'file-is-folder',
    'file-binary',
    'file-too-large',
    'file-missing',
    'file-missing',
  ]);
  assert.equal(await outcomeOf(files.download('titan')), 'file-too-large-to-send');
  assert.equal(await outcomeOf(write('pipe', 'x')), 'file-special');
  await shell('rm ~/titan ~/giant ~/pipe');
});

test('a full disk is told, and leaves the file as it was', async () => {
  await write('kept', 'before');
  await shell('head -c 400M /dev/zero > ~/fill');
  const refused = await outcomeOf(
    files.write('kept', { version: 'any', bytes: Buffer.alloc(4 * 1024 * 1024, 'x') }),
  );
  await shell('rm ~/fill');
  assert.equal(refused, 'file-no-space');
  assert.equal(await shell('cat ~/kept; ls -A ~ | grep -c regatta'), 'before0\n');
});

test('a folder is listed with folders first, and cut when it is too long', async () => {
  await shell('mkdir -p ~/many/sub && cd ~/many && ln -s sub to-sub && touch $(seq 1100)');
  const { entries, isCut, home } = await files.list('many');
  assert.equal(home, '/root');
  assert.equal(isCut, true);
  assert.equal(entries.length, 1000);
  assert.equal(await outcomeOf(files.list('kept')), 'file-no-folder');
  await shell('rm ~/many/[0-9]*; echo 12345 > ~/many/z');
  assert.deepEqual((await files.list('many')).entries, [
    { name: 'sub', type: 'folder', isLink: false, bytes: 40 },
    { name: 'to-sub', type: 'folder', isLink: true, bytes: 3 },
    { name: 'z', type: 'file', isLink: false, bytes: 6 },
  ]);
});

test('files are made, moved and deleted, never over one another', async () => {
  await write('one', '1');
  await write('two', '2');
  assert.equal(await outcomeOf(files.move('one', 'two')), 'file-exists');
  assert.equal(await outcomeOf(files.move('gone', 'three')), 'file-missing');
  assert.equal(await outcomeOf(files.makeFolder('two')), 'file-exists');
  assert.equal(await outcomeOf(files.delete('gone')), 'file-missing');
  assert.equal(await outcomeOf(files.delete('~')), 'file-forbidden');
  assert.equal((await files.move('one', '~/./odd/../three')).path, '/root/three');
  assert.equal(await outcomeOf(files.move('three', 'no/such/folder')), 'file-missing');
  assert.equal(await shell('cd; cat two three; ls one 2>/dev/null'), '21');
});

test('a file is downloaded as it is, a folder packed', async () => {
  await write('pack/a.txt', 'hello');
  assert.deepEqual(await files.download('pack/a.txt'), {
    name: 'a.txt',
    bytes: Buffer.from('hello'),
  });
  const { name, bytes } = await files.download('pack');
  assert.equal(name, 'pack.tar.gz');
  assert.match(gunzipSync(bytes).toString('latin1'), /^\.\/pack\/.*hello/s);
});
