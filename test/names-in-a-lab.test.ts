import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { openPage } from './security/page.ts';
import { join, say } from './support/learner-terminal.ts';
import { startTestServer } from './support/server.ts';

/** A folder with a lab of one step whose index.json says `regatta`. */
async function labsWith(regatta: object): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-labs-'));
  const details = { steps: [{ title: 'Look', text: 'look.md' }] };
  const index = { title: 'Names', description: 'Names of Services', details, regatta };
  await mkdir(path.join(folder, 'names'));
  await writeFile(path.join(folder, 'names/look.md'), '# Look\n');
  await writeFile(path.join(folder, 'names/index.json'), JSON.stringify(index));
  return folder;
}

test('a lab that asks for names has them from the first prompt, also when its session wakes again', async () => {
  const labs = await labsWith({ dns: true });
  try {
    await using running = await startTestServer({ labs });
    const page = await openPage(running.server.url);
    const session = await page.session('names');
    for (const time of ['first', 'second']) {
      using socket = await join(page, session);
      const said = await say(
        socket,
        'getent hosts kubernetes | tr -s " "; getent hosts nowhere; echo $?',
      );
      assert.match(said, /10\.96\.0\.1 kubernetes\.default\.svc\.cluster\.local\r\n2\r\n/, time);
      if (time === 'first') await running.restart();
    }
  } finally {
    await rm(labs, { recursive: true });
  }
});
