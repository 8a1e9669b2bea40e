import type { Locale } from '#protocol';

import { SHELL_FILE } from './shell-command.ts';

/** What a box's file system is made of; the learner's host uid must be able to read all of it. */
export interface BoxFiles {
  /** Where the holder has mounted the learner's tmpfs. */
  readonly stage: string;
  /** Folder with our files for /etc. */
  readonly etc: string;
  /** Commands that come first on PATH. */
  readonly tools: string;
  /** Files those commands need. */
  readonly lib: string;
  /** The Node that runs istioctl. */
  readonly node: string;
  /** undefined where the machine has none. */
  readonly kubectl: string | undefined;
  /** Folders under /usr that are shown empty: the server's own, and big ones that no lesson needs. */
  readonly hidden: readonly string[];
  readonly locale: Locale;
  /** Whether names are looked up, by the cluster's name server. */
  readonly usesDns: boolean;
  /** Variables for the learner's language. */
  readonly language: Readonly<Record<string, string>>;
}

/** What learners of such labs expect: the control plane's shell, as root. */
const HOST_NAME = 'controlplane';

/** Arguments of bwrap for every entry into a learner's box (https://github.com/containers/bubblewrap). */
export function bwrapArguments(files: BoxFiles): readonly string[] {
  const { stage, etc } = files;
  const kubectl =
    files.kubectl === undefined ? [] : readOnly(files.kubectl, '/opt/lab/kubectl/kubectl');
  const environment = Object.entries(learnerEnvironment(files.locale, files.language));
  return [
    // The network namespace is the holder's. No new session: it would break job control and resizing.
    '--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup --disable-userns',
    `--uid 0 --gid 0 --hostname ${HOST_NAME} --cap-drop ALL --die-with-parent --seccomp 8`,
    '--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin',
    '--symlink usr/lib /lib --symlink usr/lib64 /lib64',
    ...OF_THE_SYSTEM.map((place) => `--ro-bind-try ${place} ${place}`),
  ]
    .flatMap((line) => line.split(' '))
    .concat(
      files.hidden.flatMap((folder) => ['--tmpfs', folder, '--remount-ro', folder]),
      readOnly(files.tools, '/opt/lab/bin'),
      readOnly(files.lib, '/opt/lab/lib'),
      readOnly(files.node, '/opt/lab/node'),
      kubectl,
      OF_OURS.flatMap((name) => readOnly(`${etc}/${name}`, `/etc/${name}`)),
      OF_NAMES.flatMap((name) =>
        readOnly(`${etc}/${files.usesDns ? 'dns.' : ''}${name}`, `/etc/${name}`),
      ),
      // Everything that may be written lies on the holder's one tmpfs, so that its size is the limit.
      writable(`${stage}/hosts`, '/etc/hosts'),
      writable(`${stage}/home`, '/root'),
      writable(`${stage}/tmp`, '/tmp'),
      writable(`${stage}/run`, '/run'),
      ['--proc', '/proc'],
      readOnly('/dev/null', '/proc/cmdline'),
      readOnly('/dev/null', '/proc/kallsyms'),
      ['--dev', '/dev'],
      writable(`${stage}/shm`, '/dev/shm'),
      ['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/root', '--clearenv'],
      environment.flatMap(([name, value]) => ['--setenv', name, value]),
    );
}

const OF_THE_SYSTEM = [
  '/etc/alternatives',
  '/etc/ssl/certs',
  // Without it openssl makes no requests for certificates.
  '/etc/ssl/openssl.cnf',
  '/etc/terminfo',
  '/etc/ld.so.cache',
  '/etc/bash.bashrc',
] as const;
const OF_OURS = ['passwd', 'group', SHELL_FILE] as const;
const OF_NAMES = ['nsswitch.conf', 'resolv.conf'] as const;

function readOnly(from: string, to: string): string[] {
  return ['--ro-bind', from, to];
}

function writable(from: string, to: string): string[] {
  return ['--bind', from, to];
}

/** The whole environment of a learner's shell. */
export function learnerEnvironment(
  locale: Locale,
  language: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    HOME: '/root',
    USER: 'root',
    SHELL: '/bin/bash',
    PATH: '/opt/lab/bin:/opt/lab/kubectl:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    ...language,
    LAB_LANGUAGE: locale,
    KUBECONFIG: '/root/.kube/config',
  };
}
