import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { HOME_BYTES } from '../limits.ts';
import { createSandboxFactory } from '../sandbox/factory.ts';
import type { Sandbox, SandboxFactory } from '../sandbox/sandbox.ts';
import { HomeKeeper } from './home-keeper.ts';

const run = promisify(execFile);
let folder: string;
let factory: SandboxFactory;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-home-test-'));
  // Learners' uids must be able to read what the box is made of.
  await rm(folder, { recursive: true });
  for (const name of ['', 'bin', 'lib', 'home', 'home/samples', 'home/samples/deep']) {
    await mkdir(path.join(folder, name), { mode: 0o755 });
  }
  await writeFile(path.join(folder, 'home/samples/deep/a.yaml'), 'a: 1\n', { mode: 0o644 });
  factory = await createSandboxFactory({
    mode: 'auto',
    binFolder: path.join(folder, 'bin'),
    libFolder: path.join(folder, 'lib'),
    homeFolder: path.join(folder, 'home'),
  });
});

after(async () => {
  await factory[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

type Archiver = Pick<Sandbox, 'run' | 'runBytes'>;

interface Home extends AsyncDisposable {
  readonly box: Sandbox;
  readonly keeper: HomeKeeper;
  readonly stored: Uint8Array[];
  readonly problems: string[];
}

async function newHome(kubeconfig = 'cluster: old\n', entered?: Partial<Archiver>): Promise<Home> {
  const box = await factory.create({ kubeconfig, locale: 'en' });
  const stored: Uint8Array[] = [];
  const problems: string[] = [];
  const keeper = new HomeKeeper({
    sandbox: {
      run: (options) => box.run(options),
      runBytes: (options) => box.runBytes(options),
      ...entered,
    },
    store: async (archive) => void stored.push(archive),
    filledMs: Date.now(),
    onProblem: (problem) => problems.push(problem),
  });
  return { box, keeper, stored, problems, [Symbol.asyncDispose]: () => box[Symbol.asyncDispose]() };
}

async function shell({ box }: Home, script: string): Promise<string> {
  const { stdout, stderr } = await box.run({
    command: ['/bin/bash', '-c', script],
    timeoutMs: 20_000,
  });
  return `${stdout}${stderr}`;
}

/** Names, kinds, modes, times, targets and contents of everything that a learner has made. */
const LISTING = `find . -mindepth 1 \\( -path ./.kube -o -path ./.cache -o -path ./samples -o -name .bashrc -o -name .bash_profile \\) -prune -o -printf '%P|%y|%m|%T@|%l|%n\\n' | LC_ALL=C sort
find . -type f -not -path './.kube/*' -not -path './.cache/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum`;

test('a home comes back with odd names, links, modes, times and empty folders as they were', async () => {
  await using first = await newHome();
  await shell(
    first,
    String.raw`mkdir -p empty 'a b/c' $'new\nline' 'ünïcode 文件' .hidden
    echo one > $'new\nline/file'; echo two > '-rf'; echo three > 'a b/c/--exclude=x'; printf '\0\1\377' > 'ünïcode 文件/$(reboot).bin'
    ln -s /etc/passwd absolute; ln -s ../.. 'a b/up'; ln -s nowhere dangling; ln './-rf' hard
    echo '#!/bin/sh' > run.sh; chmod 755 run.sh; echo s > secret; chmod 400 secret; mkdir shut; echo in > shut/in; chmod 500 shut
    touch -d '2001-02-03 04:05:06.789' old; truncate -s 100G sparse; mkfifo pipe; rm sparse; truncate -s 50M sparse
    echo 'ls -l' > .bash_history; mkdir -p .cache .kube/cache; echo c > .cache/x; echo c > .kube/cache/y`,
  );
  await first.keeper.save();
  const [archive] = first.stored;
  assert.ok(archive);
  await using second = await newHome('cluster: new\n');
  await second.keeper.restore(archive);
  assert.equal(await shell(second, LISTING), await shell(first, LISTING));
  assert.equal(
    await shell(
      second,
      'cat .kube/config; ls -A .kube; [ -e .cache ] || echo none; stat -c %b sparse',
    ),
    'cluster: new\nconfig\nnone\n0\n',
  );
  assert.deepEqual([first.problems, second.problems], [[], []]);
  assert.equal(second.keeper.state, 'kept');
});

test('what every home begins with is kept only where the learner has changed or moved it', async () => {
  await using first = await newHome();
  await shell(first, 'echo mine > mine');
  await first.keeper.save();
  await shell(first, 'mv samples moved; echo "alias x=y" >> .bashrc');
  await first.keeper.save();
  const names = await Promise.all(
    first.stored.map(async (archive) => {
      const list = { command: ['tar', '-tzf', '-'], stdin: archive, timeoutMs: 20_000 };
      return (await first.box.run(list)).stdout.split('\n').filter(Boolean).toSorted();
    }),
  );
  assert.deepEqual(names, [
    ['./mine'],
    ['./.bashrc', './mine', './moved/', './moved/deep/', './moved/deep/a.yaml'],
  ]);
});

test('a home in which nothing has changed is not stored again', async () => {
  await using home = await newHome();
  await shell(home, 'echo one > file');
  await home.keeper.save();
  await home.keeper.save();
  await shell(home, 'kubectl version --client >/dev/null 2>&1; mkdir -p .cache; echo x > .cache/x');
  await home.keeper.save();
  assert.equal(home.stored.length, 1);
  await shell(home, 'rm file');
  await home.keeper.save();
  assert.equal(home.stored.length, 2);
});

test('a home that has grown too large stays stored as it last fitted, and the learner hears of it once', async () => {
  await using home = await newHome();
  const states: string[] = [];
  home.keeper.onState((state) => states.push(state));
  await shell(home, 'echo small > file');
  await home.keeper.save();
  await shell(home, `head -c ${HOME_BYTES + 1024} /dev/urandom > big`);
  await home.keeper.save();
  await home.keeper.save();
  await shell(home, 'echo more > other');
  await home.keeper.save();
  assert.equal(home.stored.length, 1);
  await shell(home, 'rm big');
  await home.keeper.save();
  assert.equal(home.stored.length, 2);
  assert.deepEqual(states, ['too-large', 'kept']);
  assert.deepEqual(home.problems, []);
});

test('an archive that unpacks to more than a learner may have fills that quota and nothing else', async () => {
  const archive = await bomb();
  await using home = await newHome();
  await home.keeper.restore(archive);
  assert.equal(home.keeper.state, 'incomplete');
  assert.match(
    home.problems.join('|'),
    /^Cannot bring back all of the home: tar: \.\/c: Wrote only \d+ of \d+ bytes$/,
  );
  assert.equal(await shell(home, 'cat first; rm b c; echo new > new; cat new'), 'first\nnew\n');
  await home.keeper.save();
  assert.equal(home.stored.length, 1);
});

test('bytes that are no archive leave the home as every home begins', async () => {
  await using home = await newHome();
  await home.keeper.restore(Buffer.from('not an archive'));
  assert.equal(home.keeper.state, 'incomplete');
  assert.equal(await shell(home, 'ls'), 'samples\n');
});

test('a home that was not brought back to its end stays in the store as it is', async () => {
  const stopped = { code: 137, stdout: '', stderr: '' };
  await using home = await newHome('', { run: async () => stopped });
  await home.keeper.restore(Uint8Array.of(1));
  assert.equal(home.keeper.state, 'not-restored');
  await shell(home, 'echo new > new');
  await home.keeper.save();
  assert.deepEqual(home.stored, []);
});

/** 180 MiB of zeros, which a learner's archive cannot hold: it was packed outside. */
async function bomb(): Promise<Buffer> {
  const place = await mkdtemp(path.join(tmpdir(), 'regatta-bomb-'));
  try {
    const { stdout } = await run(
      '/bin/sh',
      [
        '-c',
        'cd "$1" && echo first > first && truncate -s 60M a b c && tar -cz ./first ./a ./b ./c',
        'sh',
        place,
      ],
      { encoding: 'buffer' },
    );
    return stdout;
  } finally {
    await rm(place, { recursive: true });
  }
}
