import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { SNAPSHOT_INTERVAL_MS } from '../server/limits.ts';
import { closed, openPage } from './security/page.ts';
import { join, say } from './support/learner-terminal.ts';
import { startServerProcess } from './support/server-process.ts';
import { startTestServer } from './support/server.ts';

const LAB = 'get-started';
/** Beyond what the server promises to have stored. */
const WAIT_MS = SNAPSHOT_INTERVAL_MS + 15_000;

async function untilStored(dataFolder: string): Promise<void> {
  const database = new DatabaseSync(path.join(dataFolder, 'regatta.sqlite'), { readOnly: true });
  try {
    const deadline = Date.now() + WAIT_MS;
    while (database.prepare('select session from homes').all().length === 0) {
      assert.ok(Date.now() < deadline, 'the home was not stored in time');
      await pause(250);
    }
  } finally {
    database.close();
  }
}

test('a restarted server gives back the home: files, the history, and a kubeconfig that works', async () => {
  await using running = await startTestServer();
  const page = await openPage(running.server.url);
  const session = await page.session(LAB);
  {
    using socket = await join(page, session);
    await say(
      socket,
      'mkdir -p work && echo kept-by-me > work/notes.txt && kubectl version >/dev/null',
    );
  }
  await running.restart();
  using socket = await join(page, session);
  const output = await say(
    socket,
    'cat work/notes.txt; grep -c notes.txt .bash_history; kubectl get nodes -o name',
  );
  assert.match(output, /kept-by-me\r\n[1-9]\d*\r\nnode\/controlplane\r\n/);
});

test('a lab begun anew begins with a new home', async () => {
  await using running = await startTestServer();
  const page = await openPage(running.server.url);
  const first = await page.session(LAB);
  {
    using socket = await join(page, first);
    await say(socket, 'echo old > old.txt');
  }
  await page.request(`/api/sessions/${first}`, { method: 'DELETE' });
  using socket = await join(page, await page.session(LAB));
  assert.match(await say(socket, 'ls old.txt'), /cannot access 'old.txt'/);
});

test('a server that is killed has stored the home a short while before', async () => {
  await using running = await startServerProcess();
  const page = await openPage(running.url);
  const session = await page.session(LAB);
  {
    using socket = await join(page, session);
    await say(socket, 'echo kept-by-me > notes.txt');
    await untilStored(running.dataFolder);
    await running.kill();
    await closed(socket);
  }
  await running.startAgain();
  using socket = await join(page, session);
  assert.match(await say(socket, 'cat notes.txt'), /kept-by-me\r\n/);
});

test('^C in the terminal of a server keeps what a learner wrote a moment before', async () => {
  await using running = await startServerProcess();
  const page = await openPage(running.url);
  const session = await page.session(LAB);
  {
    using socket = await join(page, session);
    await say(socket, 'echo kept-by-me > notes.txt');
    await running.interrupt();
    await closed(socket);
  }
  await running.startAgain();
  using socket = await join(page, session);
  assert.match(await say(socket, 'cat notes.txt'), /kept-by-me\r\n/);
});
