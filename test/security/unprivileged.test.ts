import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { commandFolders } from '../../server/config.ts';

const SCRIPT = fileURLToPath(new URL('unprivileged-box.ts', import.meta.url));
/** No account of this machine, and not among the uids of learners. */
const UID = 65_533;
const isRoot = process.getuid?.() === 0;

/** As root the same is tried as somebody else; otherwise this process is somebody already. */
function asOrdinaryUser(command: readonly string[]) {
  const identity = ['--reuid', String(UID), '--regid', String(UID), '--clear-groups'];
  const [file = '', ...args] = isRoot ? ['setpriv', ...identity, ...command] : command;
  return spawnSync(file, args, {
    encoding: 'utf8',
    env: { PATH: commandFolders().join(':'), HOME: '/' },
  });
}

const isReadable = asOrdinaryUser(['test', '-r', SCRIPT]).status === 0;
const suffix = isReadable ? '' : ' (NOT RUN: this project lies where only its owner may read)';

test(
  `a server without privileges confines as well as one with them${suffix}`,
  { skip: !isReadable },
  () => {
    const flags = ['--disable-warning=ExperimentalWarning', SCRIPT];
    const { stdout, stderr } = asOrdinaryUser([process.execPath, ...flags]);
    assert.equal(stderr, '');
    const { serverUid, seen } = JSON.parse(stdout);
    assert.notEqual(serverUid, 0);
    assert.deepEqual(seen, {
      uid: '0\n 0 0 1',
      capabilities: '5',
      environment: '',
      commandLine: String.raw`/usr/bin/bwrap --args 9 -- /bin/bash -c tr '\0' ' ' < /proc/1/cmdline`,
      host: '',
      readOnly: '',
      namespaces: '',
      outside: 'lo',
      fork: 'full',
    });
  },
);
