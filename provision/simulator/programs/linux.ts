import { commandLine } from './command-line.ts';
import { endsAfter } from './idle.ts';
import { repositoryOf } from './images.ts';
import type { ContainerContext, Program, RunningProgram } from './program.ts';

const BUSYBOX_COMMANDS = ['ifconfig', 'ip', 'nc', 'netstat', 'nslookup', 'wget'];
const DEBIAN_COMMANDS = ['bash', 'apt', 'apt-get', 'getent'];
const NETWORK_COMMANDS = [
  ...BUSYBOX_COMMANDS,
  'bash',
  'curl',
  'dig',
  'getent',
  'netcat',
  'openssl',
  'ss',
];

const ALPINE = release('Alpine Linux', 'alpine', '3.22.2', 'v3.22');
/** Debian's own release, which images made from it have too. */
export const DEBIAN = release('Debian GNU/Linux', 'debian', '13', '13 (trixie)');
const UBUNTU = release('Ubuntu', 'ubuntu', '24.04', '24.04.3 LTS');

/** Images that are a userland and no more: what runs in them is the pod's command line. */
export const busybox = userland(
  ['busybox', 'e2e-test-images/busybox', 'google-containers/busybox'],
  BUSYBOX_COMMANDS,
  ['sh'],
);
export const alpine: Program = {
  ...userland(['alpine'], ['apk', ...BUSYBOX_COMMANDS], ['sh']),
  files: ALPINE,
};
export const bash: Program = {
  ...userland(['bash'], ['apk', ...BUSYBOX_COMMANDS, 'bash'], ['bash']),
  files: ALPINE,
};
export const debian: Program = {
  ...userland(['debian', 'buildpack-deps'], DEBIAN_COMMANDS, ['bash']),
  files: DEBIAN,
};
export const ubuntu: Program = {
  ...userland(['ubuntu'], DEBIAN_COMMANDS, ['bash']),
  files: UBUNTU,
};
export const fedora = userland(
  ['fedora', 'centos', 'rockylinux', 'almalinux'],
  ['bash', 'curl', 'dnf', 'yum', 'getent'],
  ['bash'],
);
export const netshoot = userland(
  [
    'nicolaka/netshoot',
    'governmentpaas/curl-ssl',
    'radial/busyboxplus',
    'alpine/curl',
    'praqma/network-multitool',
    'wbitt/network-multitool',
    // The pods of "Debugging DNS Resolution" in the Kubernetes documentation.
    'e2e-test-images/jessie-dnsutils',
    'tutum/dnsutils',
  ],
  NETWORK_COMMANDS,
  ['sh'],
);

/** curl's own image: its entry point puts `curl` before arguments that are no command. */
export const curl: Program = {
  ...userland(['curlimages/curl'], ['apk', 'curl', ...BUSYBOX_COMMANDS], ['curl']),
  user: { name: 'curl_user', uid: 100 },
  workingDir: '/home/curl_user',
  start(context) {
    const { command, args = [] } = context.container;
    if (command) return runCommand(context, [...command, ...args]);
    const isCommand = /^(\/.*|sh|sleep|curl)$/.test(args[0] ?? '');
    return runCommand(context, isCommand ? args : ['curl', ...args]);
  },
};

/** The file by which programs learn what they run on; `latest` of each, whatever the tag. */
function release(name: string, id: string, version: string, title: string) {
  const lines = [
    `PRETTY_NAME="${name} ${title}"`,
    `NAME="${name}"`,
    `VERSION_ID="${version}"`,
    `ID=${id}`,
  ];
  return { '/etc/os-release': `${lines.join('\n')}\n` };
}

function userland(
  images: readonly string[],
  commands: readonly string[],
  defaultCommand: readonly string[],
): Program {
  return {
    images,
    commands,
    matches: (image) => images.includes(repositoryOf(image)),
    start(context) {
      const words = commandLine(context.container);
      return runCommand(context, words.length > 0 ? words : defaultCommand);
    },
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

function runCommand(context: ContainerContext, words: readonly string[]): RunningProgram {
  const [path = '', duration = '', ...more] = words;
  const isSleep = /^(\/(usr\/)?bin\/)?sleep$/.test(path) && more.length === 0;
  const [, number, unit = 's'] = /^(\d+|infinity|inf)([smhd]?)$/.exec(duration) ?? [];
  // Most such containers only sleep; they need no shell for that.
  if (!isSleep || number === undefined) return context.run(words);
  const count = number.startsWith('inf') ? Infinity : Number(number);
  return endsAfter(context, count * (UNIT_MS[unit || 's'] ?? 1e3));
}
