import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';

import { join, say } from '../support/learner-terminal.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { openPage } from './page.ts';

const SESSIONS = 200;
/** Opened at once, so that what one leaves would show beside others that run. */
const AT_ONCE = 8;
const WAIT_MS = 20_000;
/** A session costs half a second of a processor, and the machine may be a slow one. */
const LIMIT_MS = 900_000;
/** No other program of this machine sleeps for just as long. */
const MARK = `98765.${process.pid}`;

/** What of the kernel's this process and its children hold. */
function holdings(): Readonly<Record<string, number>> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const ours = processes.filter((pid) => parentOf(pid) === String(process.pid));
  const namespaces = ours.flatMap((pid) =>
    ['user', 'net', 'mnt', 'pid'].map((name) => linkOf(`/proc/${pid}/ns/${name}`)),
  );
  return {
    children: ours.length,
    marked: processes.filter((pid) => textOf(`/proc/${pid}/cmdline`).includes(MARK)).length,
    namespaces: new Set(namespaces).size,
    mounts: textOf('/proc/self/mountinfo').split('\n').length,
    descriptors: readdirSync('/proc/self/fd').length,
    groups: groupsOf(process.pid),
    folders: readdirSync(tmpdir()).filter((name) => name.includes(`-${process.pid}-`)).length,
  };
}

function parentOf(pid: string): string | undefined {
  return /^PPid:\t(\d+)/m.exec(textOf(`/proc/${pid}/status`))?.[1];
}

/** Empty for a process that ends meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

/** Control groups that this process has made, wherever they are mounted. */
function groupsOf(pid: number): number {
  const memory = /^\d+:memory:(.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1] ?? '';
  const folders = ['memory', `memory${memory}`, 'pids', 'cpu', ''].map(
    (name) => `/sys/fs/cgroup/${name}`,
  );
  const found = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith(`regatta-${pid}-`)));
  return found.length;
}

/** A learner who leaves something running behind, and forgets the session. */
async function comeAndGo(url: string): Promise<void> {
  const page = await openPage(url);
  const session = await page.session('get-started');
  using socket = await join(page, session);
  await say(socket, `{ nohup setsid sleep ${MARK} & }`);
  assert.equal((await page.request(`/api/sessions/${session}`, { method: 'DELETE' })).status, 204);
}

async function comeAndGoInTurns(url: string, count: number): Promise<void> {
  let left = count;
  const line = async () => {
    while (left-- > 0) await comeAndGo(url);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

test(
  '200 sessions leave no process, namespace, mount, descriptor, control group or folder behind',
  { timeout: LIMIT_MS },
  async () => {
    await using lab = await startTestServer();
    await comeAndGoInTurns(lab.server.url, AT_ONCE);
    let before = holdings();
    // What the first ones left to be cleaned up, and the boxes that are kept ready, come to rest.
    await until(
      async () => {
        const now = holdings();
        const isAtRest = JSON.stringify(now) === JSON.stringify(before);
        before = now;
        return isAtRest && now['marked'] === 0;
      },
      WAIT_MS,
      async () => holdings(),
    );
    await comeAndGoInTurns(lab.server.url, SESSIONS);
    await until(
      async () => {
        // Connections that browsers had kept for a next request may have gone meanwhile.
        const now = Object.entries(holdings());
        return now.every(([name, count]) => count <= (before[name] ?? 0));
      },
      WAIT_MS,
      async () => ({ before, after: holdings() }),
    );
  },
);
