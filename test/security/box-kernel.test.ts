import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { type Boxes, makeBoxes, output, shown } from './boxes.ts';

const EPERM = 1;
const EAFNOSUPPORT = 97;

let boxes: Boxes;

before(async () => {
  boxes = await makeBoxes();
});

after(async () => boxes[Symbol.asyncDispose]());

/** Numbers of x86-64; without the filter each of these calls succeeds or complains of its arguments, and never with EPERM. */
const CALLS: Readonly<Record<string, string>> = {
  keyctl: '250, 0, -3, 1',
  add_key: '248, 0, 0, 0, 0, 0',
  request_key: '249, 0, 0, 0, 0',
  io_uring_setup: '425, 1, 0',
  io_uring_enter: '426, -1, 0, 0, 0, 0, 0',
  io_uring_register: '427, -1, 0, 0, 0',
  unshare: '272, 0',
  setns: '308, -1, 0',
  name_to_handle_at: '303, -1, 0, 0, 0, 0',
  process_vm_readv: '310, $$, 0, 0, 0, 0, 0',
  process_vm_writev: '311, $$, 0, 0, 0, 0, 0',
  kcmp: '312, $$, $$, 0, 0, 0',
  modify_ldt: '154, 0, 0, 0',
  iopl: '172, 0',
};

const onlyX64 = process.arch !== 'x64' && 'the numbers of system calls are those of x86-64';

test(
  'system calls that reach out of a box are refused by the filter, each for itself',
  { skip: onlyX64 },
  async () => {
    const script = Object.entries(CALLS)
      .map(([name, call]) => `$! = 0; syscall(${call}); print "${name} ", $! + 0, "\\n";`)
      .join(' ');
    assert.deepEqual(
      (await output(boxes.box, `perl -e '${script}'`)).trim().split('\n'),
      Object.keys(CALLS).map((name) => `${name} ${EPERM}`),
    );
  },
);

test(
  'no character can be pushed into a terminal, with high bits in the request neither',
  { skip: onlyX64 },
  async () => {
    const requests = '0x5412, 0x541C, 0x100005412, 0x10000541C, 0xFFFFFFFF00005412';
    const script = `for (${requests}) { $! = 0; syscall(16, 0, $_, my $c = "\\003"); print $! + 0, " " }`;
    // TIOCGWINSZ: the right use of the same call works.
    const size = 'print syscall(16, 0, 0x5413, my $s = "\\0" x 8)';
    assert.equal(
      await shown(boxes.box, `perl -e '${script}; ${size}'`),
      `${Array.from({ length: 5 }, () => EPERM).join(' ')} 0`,
    );
  },
);

test('only families of sockets that the network namespace confines can be had, and none that is raw', async () => {
  const families = [1, 2, 10, 16, 17, 40, 38, 31, 29, 44];
  const script = `for (${families.join(', ')}) { print socket(my $s, $_, $_ == 16 ? 3 : 1, 0) ? 0 : $! + 0, " " }`;
  assert.equal(
    await output(boxes.box, `perl -e '${script}'`),
    `0 0 0 0 ${Array.from({ length: 6 }, () => EAFNOSUPPORT).join(' ')} `,
  );
  const raw = 'for (2, 10) { print socket(my $s, $_, 3, 1) ? 0 : $! + 0, " " }';
  assert.equal(await output(boxes.box, `perl -e '${raw}'`), `${EPERM} ${EPERM} `);
});

test('the learner is root inside alone: no capability, none to be gained, and every program filtered', async () => {
  const look = 'grep -E "^(Cap...|NoNewPrivs|Seccomp):" /proc/self/status';
  const none = ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => `Cap${set}:\t0000000000000000`);
  const expected = [...none, 'NoNewPrivs:\t1', 'Seccomp:\t2', ''].join('\n');
  assert.equal(await output(boxes.box, look), expected);
  // A second terminal enters anew, and as confined as the first.
  assert.deepEqual(await Promise.all([shown(boxes.box, look), shown(boxes.box, look)]), [
    expected,
    expected,
  ]);
});

test('routes, addresses, host names, modules, kernel settings and the kernel’s log are out of reach', async () => {
  const tries = [
    'ip route add local 1.2.3.0/24 dev lo',
    'ip addr add 1.2.3.4/32 dev lo',
    'ip link set lo down',
    'hostname evil',
    'mount -t tmpfs x /mnt',
    'mount --bind /tmp /usr',
    'mount -o remount,rw /usr',
    'umount /proc/cmdline',
    'unshare -Ur true',
    'unshare -n true',
    'nsenter -t 1 -m true',
    'chroot / true',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo x > /proc/sys/kernel/core_pattern',
    'echo b > /proc/sysrq-trigger',
    'dmesg',
    'mknod /tmp/null c 1 3',
    'chown 1:1 /tmp',
  ];
  const script = tries.map((line) => `(${line}) >/dev/null 2>&1 && echo '${line}'`).join('; ');
  assert.equal(await output(boxes.box, `${script}; hostname`), 'controlplane\n');
});

test('a program with a setuid bit gains nothing', async () => {
  assert.match(
    await output(boxes.box, 'grep " /root " /proc/self/mountinfo'),
    /^\S+ \S+ \S+ \/home \/root rw,nosuid,nodev,/,
  );
  const script =
    'cp /usr/bin/id /tmp/id; chmod 6755 /tmp/id; /tmp/id -u; grep NoNewPrivs /proc/self/status';
  assert.equal(await output(boxes.box, script), '0\nNoNewPrivs:\t1\n');
});
