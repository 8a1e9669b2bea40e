import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { type Boxes, makeBoxes, output, shown } from './boxes.ts';

let boxes: Boxes;

before(async () => {
  boxes = await makeBoxes();
});

after(async () => boxes[Symbol.asyncDispose]());

test('pid 1 shows neither the environment nor the paths that the server started it with', async () => {
  const look = String.raw`tr '\0' '\n' < /proc/1/environ; tr '\0' ' ' < /proc/1/cmdline`;
  const expected = `/usr/bin/bwrap --args 9 -- /bin/bash -c ${look} `;
  assert.equal(await output(boxes.box, look), expected);
  assert.equal(await shown(boxes.box, look), expected);
});

test('a shell knows of the environment what learners are meant to know', async () => {
  const names = (
    await output(boxes.box, 'env -0 | cut -z -d= -f1 | sort -z | tr "\\0" " "')
  ).trim();
  assert.equal(
    names,
    'COLORTERM HOME KUBECONFIG LAB_LANGUAGE LANG PATH PWD SHELL SHLVL TERM USER _',
  );
});

test('the kernel’s command line and the addresses of its functions are masked', async () => {
  assert.equal(
    await output(boxes.box, 'cat /proc/cmdline /proc/kallsyms 2>/dev/null | wc -c'),
    '0\n',
  );
});

test('of the host’s files a box has its programs and nothing of the server or of people', async () => {
  const places = '/home /srv /var /opt /boot /sys /mnt /media /work /etc/shadow /etc/hostname';
  assert.equal(await output(boxes.box, `ls -d ${places} 2>/dev/null`), '/opt\n');
  assert.equal(await output(boxes.box, 'ls /opt'), 'lab\n');
  assert.equal(
    await output(
      boxes.box,
      'ls -A /tmp /run /dev/shm; ls /dev/mem /dev/kmsg /dev/sd* /dev/vd* 2>/dev/null',
    ),
    '/dev/shm:\n\n/run:\n\n/tmp:\n',
  );
});

test('everything that can be written lies on one file system with a size; the rest is read-only', async () => {
  const script =
    'for place in / /usr /etc /dev /opt/lab/bin /proc/sys /bin; do : > $place/x && echo $place; done';
  assert.equal(await output(boxes.box, `(${script}) 2>/dev/null`), '');
  const mounts = (await output(boxes.box, 'cat /proc/self/mountinfo')).trim().split('\n');
  const writable = mounts.flatMap((line) => {
    const [, , device, , place, options = ''] = line.split(' ');
    return options.split(',').includes('rw') ? [{ device, place }] : [];
  });
  // Files of /proc are the kernel's, and the terminals of /dev its devices.
  const files = writable.filter(({ place = '' }) => !/^\/(proc|dev\/(?!shm))/.test(place));
  assert.deepEqual(
    files.map(({ place = '' }) => place).toSorted((one, other) => one.localeCompare(other)),
    ['/dev/shm', '/etc/hosts', '/root', '/run', '/tmp'],
  );
  assert.equal(new Set(files.map(({ device }) => device)).size, 1);
});

test('what one learner writes is nowhere in the box of another', async () => {
  const mark = 'only-here';
  await output(boxes.box, `for place in ~ /tmp /run /dev/shm; do echo x > $place/${mark}; done`);
  assert.equal(
    await output(boxes.other, `find / -xdev -name ${mark} 2>/dev/null; ls -A /tmp /run /dev/shm`),
    '/dev/shm:\n\n/run:\n\n/tmp:\n',
  );
  assert.equal(
    await shown(boxes.box, `ls /run /dev/shm`),
    `/dev/shm:\n${mark}\n\n/run:\n${mark}\n`,
  );
});

/** A server that was started with a descriptor which its programs inherit. */
const LEAKY = `
  const { makeBoxes, output, shown } = await import(${JSON.stringify(new URL('boxes.ts', import.meta.url).href)});
  await using boxes = await makeBoxes();
  const look = 'cd /proc/self/fd; echo *';
  console.log(await output(boxes.box, look) + await shown(boxes.box, look));`;

test('no descriptor that the server inherited reaches a box, by a terminal or without one', async () => {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', LEAKY];
  const script = 'exec 251</etc/passwd; exec "$@"';
  const server = spawn('/bin/bash', ['-c', script, 'bash', process.execPath, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  server.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  await once(server.stdout, 'data');
  await once(server, 'close');
  // 3 is the folder that the pattern is matched with.
  assert.equal(text, '0 1 2 3\n0 1 2 3\n\n');
});

test('arguments and names of a check never become text of a shell on the server', async () => {
  const odd = '$(touch /tmp/pwned); `id` "\' \n --args';
  const { stdout } = await boxes.box.run({
    command: ['/usr/bin/printf', '%s|%s', odd, '--help'],
    env: { ODD: odd },
    timeoutMs: 10_000,
  });
  assert.equal(stdout, `${odd}|--help`);
  const run = { command: ['/usr/bin/printenv', 'ODD'], env: { ODD: odd }, timeoutMs: 10_000 };
  assert.equal((await boxes.box.run(run)).stdout, `${odd}\n`);
  assert.throws(() => readFileSync('/tmp/pwned'), /ENOENT/);
});
