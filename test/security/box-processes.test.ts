import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { until } from '../support/until.ts';
import { type Boxes, makeBoxes, output, SIZE, WAIT_MS } from './boxes.ts';

let boxes: Boxes;

before(async () => {
  boxes = await makeBoxes();
});

after(async () => boxes[Symbol.asyncDispose]());

/** Pids, on this machine, of programs with a mark among their arguments. */
function marked(mark: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return program === 'sleep' && args.includes(mark);
    } catch {
      return false;
    }
  });
}

/** Uids of a process as this machine sees them: real, effective, saved and that of files. */
function uidsOf(pid: string | undefined): readonly number[] {
  const line = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  return line.split('\t').map(Number);
}

const isRoot = process.getuid?.() === 0;

test(
  'each learner’s programs belong to a uid of this machine that is neither root’s nor another learner’s',
  { skip: !isRoot && 'only root may give learners uids of their own' },
  async () => {
    const marks = [`${process.pid}.91`, `${process.pid}.92`];
    const programs = [boxes.box, boxes.other].map((box, index) =>
      box.open(SIZE, { command: ['sleep', marks[index] ?? ''] }),
    );
    await until(async () => marks.every((mark) => marked(mark).length === 1), WAIT_MS);
    const [one = [], two = []] = marks.map((mark) => uidsOf(marked(mark)[0]));
    assert.equal(new Set(one).size, 1);
    assert.equal(new Set(two).size, 1);
    assert.notEqual(one[0], two[0]);
    assert.ok(Math.min(...one, ...two) >= 200_000, `${one.join()} ${two.join()}`);
    await Promise.all(programs.map((program) => program.kill()));
    assert.deepEqual(marks.flatMap(marked), []);
  },
);

test('programs of the machine, of other learners and of other terminals cannot be seen, signalled or traced', async () => {
  const mark = `${process.pid}.93`;
  const programs = [boxes.box, boxes.other].map((box) =>
    box.open(SIZE, { command: ['sleep', mark] }),
  );
  await until(async () => marked(mark).length === 2, WAIT_MS);
  const pids = [process.pid, process.ppid, ...marked(mark)];
  const tries = pids.map(
    (pid) => `kill -9 ${pid} 2>/dev/null && echo ${pid}; ls -d /proc/${pid} 2>/dev/null`,
  );
  // Only numbers that the box does not use itself say something.
  const foreign = tries.filter((_, index) => Number(pids[index]) > 100);
  assert.equal(await output(boxes.box, foreign.join('; ')), '');
  assert.equal(
    await output(boxes.box, 'all=$(cat /proc/[0-9]*/comm); sort <<< "$all"'),
    'bash\nbwrap\ncat\n',
  );
  assert.equal(marked(mark).length, 2);
  await Promise.all(programs.map((program) => program.kill()));
});

test('each box has namespaces of its own, and shares none with the machine', async () => {
  const look = 'for name in user pid net mnt ipc uts cgroup; do readlink /proc/self/ns/$name; done';
  const [one, two] = await Promise.all(
    [boxes.box, boxes.other].map(async (box) => (await output(box, look)).trim().split('\n')),
  );
  assert.ok(one && two);
  assert.equal(new Set([...one, ...two]).size, 14);
  const machine = readdirSync('/proc/self/ns').map((name) => readNamespace(name));
  assert.deepEqual(
    [...one, ...two].filter((name) => machine.includes(name)),
    [],
  );
});

function readNamespace(name: string): string {
  return readlinkSync(`/proc/self/ns/${name}`);
}

test('limits of open files, core dumps and processes hold for whatever is entered, and cannot be raised', async () => {
  const look =
    'ulimit -Sn; ulimit -Hn; ulimit -Hc; ulimit -Hu; ulimit -Hv; nice; ulimit -n 100000 2>/dev/null || echo refused';
  assert.equal(await output(boxes.box, look), '4096\n4096\n0\n256\n50331648\n5\nrefused\n');
});
