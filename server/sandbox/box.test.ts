import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { createSandboxFactory } from './factory.ts';
import type { Sandbox, SandboxFactory } from './sandbox.ts';

let folder: string;
let factory: SandboxFactory;
let box: Sandbox;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-box-test-'));
  // Learners' uids must be able to read what the box is made of.
  await rm(folder, { recursive: true });
  for (const name of ['', 'bin', 'lib', 'home', 'home/samples']) {
    await mkdir(path.join(folder, name), { mode: 0o755 });
  }
  await writeFile(path.join(folder, 'home/samples/a.yaml'), 'a: 1\n', { mode: 0o644 });
  factory = await createSandboxFactory({
    mode: 'auto',
    binFolder: path.join(folder, 'bin'),
    libFolder: path.join(folder, 'lib'),
    homeFolder: path.join(folder, 'home'),
  });
  box = await factory.create({ kubeconfig: 'secret: yes\n', locale: 'en' });
});

after(async () => {
  await box[Symbol.asyncDispose]();
  await factory[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function shell(script: string, where = box): Promise<string> {
  const { stdout, stderr } = await where.run({
    command: ['/bin/bash', '-c', script],
    timeoutMs: 20_000,
  });
  return `${stdout}${stderr}`;
}

test('a box has the samples, the kubeconfig and nothing else of the host', async () => {
  assert.equal(
    await shell('cat ~/samples/a.yaml; cat ~/.kube/config; stat -c %a ~/.kube/config'),
    'a: 1\nsecret: yes\n600\n',
  );
  assert.match(
    await shell('cat /etc/shadow; ls /home /var /srv'),
    /^(.*No such file or directory\n){4}$/,
  );
});

test('pid 1 shows neither the environment nor the paths of the server', async () => {
  assert.equal(await shell("tr '\\0' '\\n' < /proc/1/environ"), '');
  assert.equal(
    await shell("tr '\\0' ' ' < /proc/1/cmdline | cut -c1-28"),
    '/usr/bin/bwrap --args 9 -- /\n',
  );
});

test('the learner is root inside, nobody outside, and has no capability', async () => {
  assert.equal(
    await shell('id -u; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status'),
    '0\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n',
  );
});

test('a box has only the standard descriptors', async () => {
  // 3 is the folder that ls reads.
  assert.equal(await shell('ls /proc/self/fd | tr "\\n" " "'), '0 1 2 3 ');
});

test('families of sockets that no network namespace holds are refused', async () => {
  const script = String.raw`use Socket; for my $f (1,2,10,40,38,17) { printf "%d%s ", $f, socket(my $s,$f,1,0) ? "+" : "-" }`;
  assert.equal(await shell(`perl -e '${script}'`), '1+ 2+ 10+ 40- 38- 17- ');
});

test('namespaces, mounts, routes and host names cannot be made', async () => {
  const out = await shell(
    'unshare -Ur true; mount -t tmpfs x /mnt; ip route add local 1.2.3.0/24 dev lo; hostname evil; hostname',
  );
  assert.equal(out.split('\n').includes('controlplane'), true);
  assert.equal(out.trim().split('\n').length >= 4, true, out);
});

test('only the quota can be written, and it is one for home, /tmp and /dev/shm', async () => {
  assert.match(await shell('touch /x /usr/x /dev/x /etc/x'), /^(.*Read-only file system\n){4}$/);
  const out = await shell(
    'dd if=/dev/zero of=/tmp/big bs=1M 2>/dev/null; echo x > /root/y || echo full; rm /tmp/big; echo x > /root/y && echo free',
  );
  assert.equal(
    out
      .split('\n')
      .filter((line) => line === 'full' || line === 'free')
      .join(' '),
    'full free',
    out,
  );
});

test('a fork bomb ends at the limit and leaves the box usable', async () => {
  const script =
    'my $no = 0; for (1..400) { my $p = fork; if (!defined $p) { $no++ } elsif (!$p) { sleep 1; exit } } print $no';
  const refused = Number(await shell(`perl -e '${script}'`));
  assert.equal(refused > 100, true, `${refused} of 400 were refused`);
  assert.equal(await shell('echo alive'), 'alive\n');
});

test('addresses of the cluster answer inside, and nothing else does', async () => {
  const [service] = await box.listen([{ ip: '10.96.5.5', port: 80 }]);
  assert.ok(service && 'socket' in service);
  const web = http.createServer((request, response) =>
    response.end(`from ${request.socket.localAddress ?? ''}`),
  );
  service.socket.on('connection', (socket) => web.emit('connection', socket));
  try {
    assert.equal(await shell('curl -s http://10.96.5.5/'), 'from 10.96.5.5');
    assert.match(
      await shell('curl -sS -m 2 http://10.96.5.5:81/; curl -sS -m 2 http://8.8.8.8/'),
      /^(curl: \(7\) .*\n){2}$/,
    );
    await using other = await factory.create({ kubeconfig: '', locale: 'fr' });
    assert.match(
      await shell('curl -sS -m 2 http://10.96.5.5/; ls ~/samples', other),
      /^a.yaml\ncurl: \(7\) .*\n$/s,
    );
  } finally {
    service.socket.close();
    web.closeAllConnections();
  }
});

test('nothing of a box is left when it is disposed of', async () => {
  const other = await factory.create({ kubeconfig: '', locale: 'zh' });
  await shell('(nohup setsid sleep 98765 >/dev/null 2>&1 &); sleep 0.05', other);
  await other[Symbol.asyncDispose]();
  assert.deepEqual(processesWith('98765'), []);
});

/** Pids of living processes of the host whose command line holds a word. */
function processesWith(word: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false;
    }
  });
}
