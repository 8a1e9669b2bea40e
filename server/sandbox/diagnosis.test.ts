import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainFailure, knownObstacle, type MachineFacts } from './diagnosis.ts';

const FINE: MachineFacts = { platform: 'linux', missing: [], settings: {}, isContainer: false };
const REFUSED = 'unshare: unshare failed: Operation not permitted';

function explain(facts: Partial<MachineFacts>, complaint = REFUSED): string {
  return explainFailure(complaint, { ...FINE, ...facts });
}

test('knownObstacle() names what is missing and the command that installs it', () => {
  assert.deepEqual(
    [
      knownObstacle(FINE),
      knownObstacle({ ...FINE, platform: 'darwin' }),
      knownObstacle({ ...FINE, missing: ['/usr/bin/bwrap'] }),
      knownObstacle({ ...FINE, missing: ['/usr/bin/unshare', '/usr/bin/nsenter', '/sbin/ip'] }),
    ],
    [
      undefined,
      'darwin has no namespaces; run the server in a Linux machine (WSL2 or a VM)',
      'bwrap is missing; install it with "apt-get install bubblewrap"',
      'unshare, nsenter, ip is missing; install it with "apt-get install util-linux iproute2"',
    ],
  );
});

test('explainFailure() tells the switch that forbids user namespaces, and never guesses at other complaints', () => {
  assert.match(explain({ settings: { 'user/max_user_namespaces': '0' } }), /sysctl user\.max_user/);
  assert.match(
    explain({ settings: { 'kernel/unprivileged_userns_clone': '0' } }),
    /unprivileged_userns_clone=1/,
  );
  assert.match(
    explain({ settings: { 'kernel/apparmor_restrict_unprivileged_userns': '1' } }),
    /apparmor_restrict_unprivileged_userns=0/,
  );
  assert.match(explain({ isContainer: true }), /--security-opt seccomp=unconfined/);
  assert.equal(
    explain({ isContainer: true }, 'No space left on device'),
    'a trial box did not start (No space left on device)',
  );
});
