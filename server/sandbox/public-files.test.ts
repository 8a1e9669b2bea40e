import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { publicPath } from './public-files.ts';

let folder: string;
const at = (name: string) => path.join(folder, name);

const modeOf = async (name: string) => ((await stat(name)).mode & 0o777).toString(8);

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-public-'));
  await chmod(folder, 0o755);
  await mkdir(at('copies'));
  await mkdir(at('open'), { mode: 0o755 });
  await mkdir(at('closed/tools'), { recursive: true });
  await chmod(at('closed'), 0o700);
  await writeFile(at('open/program'), 'open', { mode: 0o755 });
  await writeFile(at('closed/program'), 'closed', { mode: 0o700 });
  await writeFile(at('closed/tools/data'), 'data', { mode: 0o600 });
  await writeFile(at('closed/tools/run'), 'run', { mode: 0o700 });
});

after(async () => rm(folder, { recursive: true }));

test('publicPath() leaves alone what everybody can read', async () => {
  assert.equal(await publicPath(at('open/program'), at('copies')), at('open/program'));
  assert.equal(await publicPath(at('open'), at('copies')), at('open'));
});

test('publicPath() gives a readable copy of what lies in a closed folder, and leaves that closed', async () => {
  const file = await publicPath(at('closed/program'), at('copies'));
  const tools = await publicPath(at('closed/tools'), at('copies'));
  assert.equal(await readFile(file, 'utf8'), 'closed');
  assert.deepEqual(
    await Promise.all([file, tools, path.join(tools, 'data'), path.join(tools, 'run')].map(modeOf)),
    ['755', '755', '644', '755'],
  );
  assert.deepEqual(await Promise.all([at('closed'), at('closed/program')].map(modeOf)), [
    '700',
    '700',
  ]);
});
