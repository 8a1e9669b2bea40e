import assert from 'node:assert/strict';
import { test } from 'node:test';

import { completionsFor } from '../commands/completion.ts';
import { rootCommand } from '../commands/root.ts';
import { runIstioctl } from '../testing/run-istioctl.ts';

test('istioctl refuses what it does not know in the words of cobra and pflag, with status 64', async () => {
  const typed = [
    ['foo'],
    ['instal'],
    ['verify-install'],
    ['operator', 'init'],
    ['install', '--nope'],
    ['install', '-z'],
    ['install', '--set'],
    ['install', '-y=perhaps'],
    ['install', '--readiness-timeout', 'soon'],
  ];
  const ran = await Promise.all(typed.map((args) => runIstioctl(args)));
  assert.deepEqual(
    ran.map(({ stderr }) => stderr),
    [
      'Error: unknown command "foo" for "istioctl"\nRun \'istioctl --help\' for usage.\n',
      'Error: unknown command "instal" for "istioctl"\n\nDid you mean this?\n\tinstall\n\nRun \'istioctl --help\' for usage.\n',
      'Error: unknown command "verify-install" for "istioctl"\nRun \'istioctl --help\' for usage.\n',
      'Error: unknown command "operator" for "istioctl"\nRun \'istioctl --help\' for usage.\n',
      'Error: unknown flag: --nope\n',
      "Error: unknown shorthand flag: 'z' in -z\n",
      'Error: flag needs an argument: --set\n',
      'Error: invalid argument "perhaps" for "-y, --skip-confirmation" flag: strconv.ParseBool: parsing "perhaps": invalid syntax\n',
      'Error: invalid argument "soon" for "--readiness-timeout" flag: time: invalid duration "soon"\n',
    ],
  );
  assert.deepEqual(new Set(ran.map(({ status }) => status)), new Set([64]));
});

test('flags may stand before, between and after the words of a command', async () => {
  const plain = await runIstioctl(['version', '--remote=false', '-o', 'json']);
  const mixed = await runIstioctl(['-n', 'version', '--remote=false', 'version', '-ojson']);
  assert.equal(plain.status, 0);
  assert.deepEqual(mixed, plain);
});

test('a group without a command shows its help, and so does --help anywhere', async () => {
  const group = await runIstioctl(['tag']);
  const asked = await runIstioctl(['tag', '--help']);
  const before = await runIstioctl(['help', 'tag']);
  assert.equal(group.status, 0);
  assert.match(
    group.stdout,
    /^Names that stand for revisions .*\n\nUsage:\n {2}istioctl tag \[command\]\n/,
  );
  assert.deepEqual([asked, before], [group, group]);
});

test('a command that is not simulated says so and fails', async () => {
  assert.deepEqual(await runIstioctl(['bug-report', '--dir', 'x']), {
    status: 1,
    stdout: '',
    stderr:
      'Error: istioctl bug-report is not simulated: what runs here is no Istio that its maintainers could look into; nothing was done\n',
  });
});

test('a command of ambient mode says that there is none', async () => {
  assert.deepEqual(await runIstioctl(['waypoint', 'apply', '--enroll-namespace']), {
    status: 1,
    stdout: '',
    stderr:
      'Error: istioctl waypoint is not simulated: ambient mode is not simulated, only sidecars and gateways are; nothing was done\n',
  });
});

test('completion offers commands, then flags', () => {
  assert.deepEqual(
    [['inst'], ['tag', ''], ['install', '--skip'], ['-n', 'foo', 'uninst']].map((words) =>
      completionsFor(rootCommand, words),
    ),
    [['install'], ['generate', 'list', 'remove', 'set'], ['--skip-confirmation'], ['uninstall']],
  );
});
