import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { ApiError } from '../../client/api-error.ts';
import { systemClock } from '../../clock.ts';
import { FakeClock } from '../../fake-clock.ts';
import type { Tool } from '../../programs/program.ts';
import { startProcess } from './exec.ts';
import { fakeContainer, runIn } from './fake-container.ts';

test('exec runs an argument vector as it is, without a shell in between', async () => {
  const container = fakeContainer({ clock: systemClock, env: { HOME: '/root' } });
  assert.deepEqual(await runIn(container, ['echo', "it's", '$HOME', '*', 'a  b', '|']), {
    exitCode: 0,
    stdout: "it's $HOME * a  b |\n",
    stderr: '',
  });
});

test('exec of sh -c runs a script with arguments, pipes and an exit status', async () => {
  const container = fakeContainer({ clock: systemClock });
  const script = 'for word in "$@"; do echo "<$word>"; done | tr a-z A-Z; exit 3';
  assert.deepEqual(await runIn(container, ['sh', '-c', script, 'sh', 'a b', 'c']), {
    exitCode: 3,
    stdout: '<A B>\n<C>\n',
    stderr: '',
  });
});

test('exec of a command that is not there is refused in the words of the container runtime', () => {
  const container = fakeContainer({ clock: systemClock });
  const reasonFor = (command: string) => {
    try {
      startProcess(container, { command: [command], isTty: false, hasStdin: false });
      return undefined;
    } catch (error) {
      return error instanceof ApiError ? error.message : error;
    }
  };
  const start =
    'Internal error occurred: error executing command in container: failed to exec in container: ' +
    `failed to start exec "${'8'.repeat(64)}": OCI runtime exec failed: exec failed: unable to start container process: exec: `;
  assert.equal(reasonFor('foo'), `${start}"foo": executable file not found in $PATH: unknown`);
  assert.equal(reasonFor('cd'), `${start}"cd": executable file not found in $PATH: unknown`);
  assert.equal(
    reasonFor('/opt/foo'),
    `${start}"/opt/foo": stat /opt/foo: no such file or directory: unknown`,
  );
  assert.equal(reasonFor('/etc/passwd'), `${start}"/etc/passwd": permission denied: unknown`);
});

test('exec of cat gives back each line while its input is still open', async () => {
  const process = startProcess(fakeContainer({ clock: systemClock }), {
    command: ['cat'],
    isTty: false,
    hasStdin: true,
  });
  const said: string[] = [];
  for (const line of ['one\n', 'two\n']) {
    process.stdin.write(line);
    const [bytes] = await once(process.stdout, 'data');
    said.push(String(bytes));
  }
  process.stdin.end();
  assert.equal(await process.exited, 0);
  assert.deepEqual(said, ['one\n', 'two\n']);
});

test('long lists name owners, and yes and dd give as much as is asked for', async () => {
  const container = fakeContainer({ clock: new FakeClock() });
  const run = async (script: string) => runIn(container, ['sh', '-c', script]);
  assert.deepEqual(await run('yes no | head -n 2; dd if=/dev/zero of=/tmp/zeros bs=1k count=3'), {
    exitCode: 0,
    stdout: 'no\nno\n',
    stderr: '3+0 records in\n3+0 records out\n',
  });
  const { stdout } = await run('mkdir /tmp/folder; ls -l /tmp');
  assert.deepEqual(
    stdout
      .split('\n')
      .map((line) => line.replaceAll(/\w{3} +\d+ +[\d:]+ /g, '').replaceAll(/ +/g, ' ')),
    ['total 2', 'drwxr-xr-x 1 root root 0 folder', '-rw-r--r-- 1 root root 3072 zeros', ''],
  );
  const full = await run('dd if=/dev/zero of=/tmp/much bs=1M count=100');
  assert.equal(full.stderr, "dd: error writing '/tmp/much': No space left on device\n");
});

test('exec of a shell with nothing to run fails in the words of the shell, with its status', async () => {
  const container = fakeContainer({ clock: systemClock });
  assert.deepEqual(await runIn(container, ['sh', '/nosuch']), {
    exitCode: 2,
    stdout: '',
    stderr: "sh: can't open '/nosuch': No such file or directory\n",
  });
});

test('a script that kills its own shell ends with 128 and the signal', async () => {
  const container = fakeContainer({ clock: systemClock });
  assert.equal((await runIn(container, ['sh', '-c', 'kill $$; sleep 60'])).exitCode, 143);
  assert.equal((await runIn(container, ['sh', '-c', 'kill -9 $$; sleep 60'])).exitCode, 137);
});

test('exec passes standard input on to what reads it, and does not wait for it otherwise', async () => {
  const container = fakeContainer({ clock: systemClock });
  assert.deepEqual(await runIn(container, ['sh', '-c', 'cat; echo end'], 'in\n'), {
    exitCode: 0,
    stdout: 'in\nend\n',
    stderr: '',
  });
  const process = startProcess(container, {
    command: ['ls', '/tmp'],
    isTty: false,
    hasStdin: true,
  });
  assert.equal(await process.exited, 0);
});

test('files that one exec writes are there for the next, with names and pipes as a learner would use them', async () => {
  const container = fakeContainer({ clock: systemClock });
  await runIn(container, [
    'sh',
    '-c',
    'mkdir -p /data && echo one > /data/a && echo two >> /data/a',
  ]);
  assert.deepEqual(await runIn(container, ['cat', '/data/a']), {
    exitCode: 0,
    stdout: 'one\ntwo\n',
    stderr: '',
  });
});

test('a script with a loop shows each round when it is done, not at the end', async () => {
  const clock = new FakeClock();
  const container = fakeContainer({ clock });
  const script = 'while true; do echo tick; sleep 1; done';
  const process = startProcess(container, {
    command: ['sh', '-c', script],
    isTty: false,
    hasStdin: false,
  });
  const shown: string[] = [];
  process.stdout.on('data', (bytes: Buffer) => void shown.push(bytes.toString()));
  // The engine loads on first use; its first output says that the loop runs.
  while (shown.length === 0) await setImmediate();
  await clock.advance(2_500);
  assert.deepEqual(shown, ['tick\n', 'tick\n', 'tick\n']);
  process.kill();
  assert.equal(await process.exited, 137);
});

test('a shell of BusyBox reports what is missing and how long things took in its own words', async () => {
  const clock = new FakeClock();
  const script = 'nosuch; time true';
  const inBusybox = await runIn(fakeContainer({ clock }), ['sh', '-c', script]);
  assert.equal(
    inBusybox.stderr,
    'sh: nosuch: not found\nreal\t0m 0.00s\nuser\t0m 0.00s\nsys\t0m 0.00s\n',
  );
  const inDebian = await runIn(fakeContainer({ clock, commands: ['bash'] }), [
    'bash',
    '-c',
    script,
  ]);
  assert.match(inDebian.stderr, /^bash: nosuch: command not found\n\nreal\t0m0\.00\ds\n/);
});

test('tar archives absolute names without their slash, as kubectl cp wants them', async () => {
  const container = fakeContainer({ clock: new FakeClock() });
  const script = 'echo x > /tmp/a; tar cf - /tmp/a | tar tf -';
  assert.deepEqual(await runIn(container, ['sh', '-c', script]), {
    exitCode: 0,
    stdout: 'tmp/a\n',
    stderr: "tar: removing leading '/' from member names\n",
  });
});

test('kill ends a script that never pauses', async () => {
  const container = fakeContainer({ clock: systemClock });
  const process = startProcess(container, {
    command: ['sh', '-c', 'while true; do :; done'],
    isTty: false,
    hasStdin: false,
  });
  await setImmediate();
  process.kill();
  assert.equal(await process.exited, 137);
});

test('a shell on a terminal keeps folder, variables and functions, and ^C ends only the command', async () => {
  const container = fakeContainer({ clock: new FakeClock() });
  const shell = await Terminal.open(container, ['sh']);
  await shell.type('cd /tmp; name=x; show() { echo "[$name]"; }\r', '/tmp # ');
  await shell.type('show; echo $PWD\r', '/tmp # ');
  await shell.type('sleep 60\r', '\r\n');
  await shell.type('\u0003', '/tmp # ');
  await shell.type('echo $?\r', '/tmp # ');
  await shell.type('if true\r', '> ');
  await shell.type('then echo long; fi\r', '/tmp # ');
  assert.equal(await shell.end('exit 4\r'), 4);
  assert.equal(
    shell.screen,
    [
      '/ # cd /tmp; name=x; show() { echo "[$name]"; }',
      '/tmp # show; echo $PWD',
      '[x]',
      '/tmp',
      '/tmp # sleep 60',
      '^C',
      '/tmp # echo $?',
      '130',
      '/tmp # if true',
      '> then echo long; fi',
      'long',
      '/tmp # exit 4',
      '',
    ].join('\r\n'),
  );
});

test('what an interrupted command had to say by then is shown, and its shell goes on', async () => {
  const plain = fakeContainer({ clock: new FakeClock() });
  const begun = Promise.withResolvers<void>();
  const count: Tool = async (_, { signal }) => {
    begun.resolve();
    await once(signal, 'abort');
    return { stdout: 'counted 3\n', stderr: 'stopped early\n', exitCode: 1 };
  };
  const container = { ...plain, tools: new Map([...plain.tools, ['count', count]]) };
  container.files.write('/usr/bin/count', '', 0o755);
  const shell = await Terminal.open(container, ['sh']);
  await shell.type('count\r', '\r\n');
  await begun.promise;
  await shell.type('\u0003', '/ # ');
  await shell.end('exit\r');
  assert.equal(
    shell.screen,
    ['/ # count', '^C', 'counted 3', 'stopped early', '/ # exit', ''].join('\r\n'),
  );
});

test('a shell that is written to without a terminal runs each line when it has come', async () => {
  const clock = new FakeClock();
  const container = fakeContainer({ clock });
  const process = startProcess(container, { command: ['sh'], isTty: false, hasStdin: true });
  let shown = '';
  process.stdout.on('data', (bytes: Buffer) => void (shown += bytes.toString()));
  const until = async (text: string) => {
    while (!shown.endsWith(text)) await setImmediate();
  };
  process.stdin.write('cd /tmp; greet() { echo "hello $1"; }\n');
  await clock.advance(1_000);
  process.stdin.write('greet you; pwd\n');
  await until('hello you\n/tmp\n');
  process.stdin.write('if true\nthen greet all; fi\n');
  await until('hello all\n');
  process.stdin.end('exit 4');
  assert.equal(await process.exited, 4);
});

test('a shell that waits for input ends when it is killed', async () => {
  const container = fakeContainer({ clock: new FakeClock() });
  const shell = await Terminal.open(container, ['sh']);
  assert.equal(await shell.kill(), 137);
});

test('a command that reads a terminal gets what is typed up to ^D', async () => {
  const shell = await Terminal.open(fakeContainer({ clock: new FakeClock() }), ['sh']);
  await shell.type('cat > /tmp/f\r', '\r\n');
  await shell.type('one\rtwo\r\u0004', '/ # ');
  await shell.type('wc -l < /tmp/f\r', '/ # ');
  assert.equal(await shell.end('\u0004'), 0);
  assert.match(shell.screen, /wc -l < \/tmp\/f\r\n\s*2\r\n/);
});

/** A person at a terminal: types, and waits for what comes back. */
class Terminal {
  screen = '';
  readonly #process: ReturnType<typeof startProcess>;

  static async open(container: Parameters<typeof startProcess>[0], command: readonly string[]) {
    const terminal = new Terminal(
      startProcess(container, { command, isTty: true, hasStdin: true }),
    );
    await terminal.#until('/ # ', 0);
    return terminal;
  }

  private constructor(process: ReturnType<typeof startProcess>) {
    this.#process = process;
    process.stdout.on('data', (bytes: Buffer) => void (this.screen += bytes.toString()));
  }

  async type(keys: string, expected: string): Promise<void> {
    const from = this.screen.length;
    this.#process.stdin.write(keys);
    await this.#until(expected, from);
  }

  async kill(): Promise<number> {
    this.#process.kill();
    return this.#process.exited;
  }

  async end(keys: string): Promise<number> {
    this.#process.stdin.write(keys);
    return this.#process.exited;
  }

  async #until(expected: string, from: number): Promise<void> {
    while (!this.screen.slice(from).endsWith(expected)) await setImmediate();
  }
}
