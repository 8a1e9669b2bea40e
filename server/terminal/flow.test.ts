import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { PtyProcess } from '../sandbox/pty-process.ts';
import { CREDIT_HIGH_BYTES } from './limits.ts';
import { Terminal, type Watch } from './terminal.ts';

const SIZE = { columns: 80, rows: 24 };
const SETUP = { env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }, cwd: '/', size: SIZE };

/** A real program on a real pseudo terminal, watched by a page that acknowledges a while after it was sent something. */
async function run(
  command: string,
  onData: (data: Buffer, hold: Watch) => void,
): Promise<{
  readonly terminal: Terminal;
  readonly hold: Watch;
  readonly exited: Promise<unknown>;
}> {
  const args = ['-c', command];
  const terminal = new Terminal(new PtyProcess({ file: '/bin/bash', args, ...SETUP }), SIZE);
  const exited = Promise.withResolvers<unknown>();
  let hold: Watch | undefined;
  hold = await terminal.watch({
    onData: (offset, data) => {
      setImmediate(() => hold?.acknowledge(offset + data.length));
      if (hold) onData(data, hold);
    },
    onExit: exited.resolve,
    onRole: () => undefined,
    onNotice: () => undefined,
    onDead: () => exited.reject(new Error('given up')),
  });
  return { terminal, hold, exited: exited.promise };
}

test('a page gets every byte of a long output, in order, however it is held back', async () => {
  const lines = Array.from({ length: 400_000 }, (_, index) => `${index + 1} 日本語`);
  const expected = createHash('sha256').update(lines.map((line) => `${line}\r\n`).join(''));
  const seen = createHash('sha256');
  const command = "seq 1 400000 | sed 's/$/ 日本語/'";
  const { terminal, hold, exited } = await run(command, (data) => seen.update(data));
  await using _ = terminal;
  seen.update(hold.view.data);
  hold.start();
  assert.deepEqual(await exited, { code: 0, reason: 'exit' });
  assert.equal(seen.digest('hex'), expected.digest('hex'));
});

test('^C during a flood that is not drawn comes through at once', async () => {
  let sent = 0;
  const args = ['-c', 'trap "echo stopped; exit 5" INT; yes'];
  const program = new PtyProcess({ file: '/bin/bash', args, ...SETUP });
  await using terminal = new Terminal(program, SIZE);
  const full = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown>();
  const hold = await terminal.watch({
    onData: (_, data) => {
      sent += data.length;
      if (sent >= CREDIT_HIGH_BYTES) full.resolve();
    },
    onExit: ended.resolve,
    onRole: () => undefined,
    onNotice: () => undefined,
    onDead: () => undefined,
  });
  hold.start();
  await full.promise;
  hold.write('\u0003');
  // What was sent before ^C is drawn now; what comes after it is little.
  hold.acknowledge(sent);
  assert.deepEqual(await ended.promise, { code: 5, reason: 'exit' });
});

test('a program that does not read what is typed costs the server nothing', async () => {
  const ready = Promise.withResolvers<void>();
  const { terminal, hold } = await run('stty raw -echo; printf ready; exec sleep 60', () =>
    ready.resolve(),
  );
  await using _ = terminal;
  hold.start();
  if (hold.view.data.length === 0) await ready.promise;
  for (let index = 0; index < 16; index++) hold.write(Buffer.alloc(16 * 1024, 'x'));
  await delay(50);
  // Of this thread: what others collect and compile after the test before is not counted.
  const before = process.threadCpuUsage();
  await delay(300);
  const { user, system } = process.threadCpuUsage(before);
  assert.equal((user + system) / 1000 < 60, true, `${(user + system) / 1000} ms of 300`);
});
