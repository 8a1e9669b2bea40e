import assert from 'node:assert/strict';
import { after, mock, test } from 'node:test';

import { PtyProcess } from './pty-process.ts';

const WAIT_MS = 20_000;

function start(script: string): PtyProcess {
  return new PtyProcess({
    file: '/bin/bash',
    args: ['--norc', '-c', script],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    size: { columns: 80, rows: 24 },
  });
}

/** Settles when the program has said so. */
async function said(program: PtyProcess, word: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  program.onData((data) => {
    text += data.toString();
    if (text.includes(word)) resolve();
  });
  const timer = setTimeout(() => reject(new Error(`No "${word}" in "${text}"`)), WAIT_MS);
  await promise.finally(() => clearTimeout(timer));
}

function exitOf(program: PtyProcess): Promise<{ readonly code: number; readonly signal?: number }> {
  return new Promise((resolve) => program.onExit(resolve));
}

/** Signals that were sent, questions whether somebody lives left out. */
const kill = mock.method(process, 'kill');
const sent = () =>
  kill.mock.calls.map(({ arguments: [, signal] }) => signal).filter((signal) => signal !== 0);
after(() => kill.mock.restore());

test('kill() hangs up first, which is enough for a program that has not said otherwise', async () => {
  kill.mock.resetCalls();
  const program = start('echo up; sleep 1000');
  const ended = exitOf(program);
  await said(program, 'up');
  await program.kill();
  assert.deepEqual(await ended, { code: 0, signal: 1 });
  assert.deepEqual(sent(), ['SIGHUP', 'SIGCONT']);
});

test('kill() asks a program that ignores that to end, and ends one that ignores this too', async () => {
  kill.mock.resetCalls();
  const deaf = start('trap "" HUP; trap "exit 3" TERM; echo up; while :; do sleep 0.1; done');
  const ended = exitOf(deaf);
  await said(deaf, 'up');
  await deaf.kill();
  assert.deepEqual(await ended, { code: 3 });
  assert.deepEqual(sent(), ['SIGHUP', 'SIGCONT', 'SIGTERM', 'SIGCONT']);

  kill.mock.resetCalls();
  const stubborn = start('trap "" HUP TERM; echo up; while :; do sleep 0.1; done');
  const over = exitOf(stubborn);
  await said(stubborn, 'up');
  await stubborn.kill();
  assert.deepEqual(await over, { code: 0, signal: 9 });
  assert.deepEqual(sent(), ['SIGHUP', 'SIGCONT', 'SIGTERM', 'SIGCONT', 'SIGKILL', 'SIGCONT']);
});

test('kill() ends a program that is stopped, and one whose output nobody reads', async () => {
  const stopped = start('echo up; kill -STOP $$');
  await said(stopped, 'up');
  await stopped.kill();
  const unread = start('echo up; exec yes');
  await said(unread, 'up');
  unread.pause();
  await unread.kill();
});

test('after its exit no program is signalled, resized or written to: its pid and its descriptor may be others’', async () => {
  const program = start('exit 5');
  assert.deepEqual(await exitOf(program), { code: 5 });
  kill.mock.resetCalls();
  await program.kill();
  program.resize({ columns: 100, rows: 30 });
  program.pause();
  program.resume();
  assert.equal(program.write('x'), false);
  assert.deepEqual(sent(), []);
});

test('a program that closes its terminal and lives on is written to no more, and can still be ended', async () => {
  const program = start(
    'trap "" HUP; echo up; read; exec </dev/null >/dev/null 2>&1; exec sleep 60',
  );
  const ended = exitOf(program);
  await said(program, 'up');
  program.write('\r');
  const limit = AbortSignal.timeout(WAIT_MS);
  while (program.write('')) {
    limit.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
  program.resize({ columns: 100, rows: 30 });
  await program.kill();
  assert.deepEqual(await ended, { code: 0, signal: 15 });
});
