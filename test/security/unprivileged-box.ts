/** Run as an ordinary user: makes a box and prints, as JSON, what a learner sees in it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createSandboxFactory } from '../../server/sandbox/factory.ts';

const LOOK: Readonly<Record<string, string>> = {
  uid: 'id -u; cat /proc/self/uid_map | tr -s " "',
  capabilities: 'grep -c "^Cap...:.0000000000000000$" /proc/self/status',
  environment: "tr '\\0' '\\n' < /proc/1/environ",
  commandLine: "tr '\\0' ' ' < /proc/1/cmdline",
  host: 'ls -d /home /srv /var 2>/dev/null; cat /etc/shadow 2>/dev/null; cat /proc/cmdline 2>/dev/null',
  readOnly: 'for place in / /usr /etc /dev; do touch $place/x 2>/dev/null && echo $place; done',
  namespaces:
    'unshare -Ur true 2>/dev/null && echo made; mount -t tmpfs x /mnt 2>/dev/null && echo mounted',
  outside: 'ip route 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d " "',
  fork: 'perl -e \'for (1..400) { my $p = fork; defined $p or print("full"), last; $p or sleep(2), exit }\'',
};

const folder = await mkdtemp(path.join(tmpdir(), 'regatta-unprivileged-'));
const [binFolder, libFolder, homeFolder] = ['bin', 'lib', 'home'].map((name) =>
  path.join(folder, name),
);
for (const place of [binFolder, libFolder, homeFolder])
  await mkdir(place ?? '', { recursive: true });
try {
  await using factory = await createSandboxFactory({
    mode: 'auto',
    binFolder: binFolder ?? '',
    libFolder: libFolder ?? '',
    homeFolder: homeFolder ?? '',
  });
  await using box = await factory.create({ kubeconfig: '', locale: 'en' });
  const seen: Record<string, string> = {};
  for (const [name, script] of Object.entries(LOOK)) {
    const run = { command: ['/bin/bash', '-c', script], timeoutMs: 20_000 };
    seen[name] = (await box.run(run)).stdout.trim();
  }
  process.stdout.write(
    JSON.stringify({ serverUid: process.getuid?.(), limits: factory.limits, seen }),
  );
} finally {
  await rm(folder, { recursive: true });
}
