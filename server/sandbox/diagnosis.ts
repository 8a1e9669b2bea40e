import { existsSync, readFileSync } from 'node:fs';

/** What of this machine decides whether a box can start. */
export interface MachineFacts {
  readonly platform: string;
  /** Programs that boxes are made with and that are not there. */
  readonly missing: readonly string[];
  /** Values under /proc/sys, by name; undefined where the kernel has no such switch. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  readonly isContainer: boolean;
}

/** Programs that boxes are made with, and the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  '/usr/bin/bwrap': 'bubblewrap',
  '/usr/bin/unshare': 'util-linux',
  '/usr/bin/nsenter': 'util-linux',
  '/usr/bin/setpriv': 'util-linux',
  '/bin/bash': 'bash',
  '/sbin/ip': 'iproute2',
};

const USER_NAMESPACES = 'user/max_user_namespaces';
const UNPRIVILEGED = 'kernel/unprivileged_userns_clone';
const APPARMOR = 'kernel/apparmor_restrict_unprivileged_userns';

export function machineFacts(): MachineFacts {
  return {
    platform: process.platform,
    missing: Object.keys(PROGRAMS).filter((file) => !existsSync(file)),
    settings: Object.fromEntries(
      [USER_NAMESPACES, UNPRIVILEGED, APPARMOR].map((name) => [name, setting(name)]),
    ),
    isContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
  };
}

/** Why no box can start, as far as that is known without trying one, and what to do. */
export function knownObstacle(facts: MachineFacts): string | undefined {
  if (facts.platform !== 'linux') {
    return `${facts.platform} has no namespaces; run the server in a Linux machine (WSL2 or a VM)`;
  }
  if (facts.missing.length > 0) {
    const packages = new Set(facts.missing.map((file) => PROGRAMS[file]));
    const names = facts.missing.map((file) => file.slice(file.lastIndexOf('/') + 1));
    return `${names.join(', ')} is missing; install it with "apt-get install ${[...packages].join(' ')}"`;
  }
  return undefined;
}

/** Why a trial box did not start, from what it complained of and how the machine is set up, and what to do. */
export function explainFailure(complaint: string, facts: MachineFacts): string {
  const { settings } = facts;
  const isRefused = /unshare|namespace|uid_map|setting up|not permitted|denied|mount/i.test(
    complaint,
  );
  if (!isRefused) return `a trial box did not start (${complaint})`;
  return `${refusal(settings, facts.isContainer)} (${complaint})`;
}

function refusal(settings: MachineFacts['settings'], isContainer: boolean): string {
  if (settings[USER_NAMESPACES] === '0') {
    return 'user namespaces are switched off; allow them with "sysctl user.max_user_namespaces=15000"';
  }
  if (settings[UNPRIVILEGED] === '0') {
    return 'user namespaces are for root alone; allow them with "sysctl kernel.unprivileged_userns_clone=1"';
  }
  if (isContainer) {
    return (
      'this container may not make user namespaces; start it with "--security-opt seccomp=unconfined ' +
      '--security-opt apparmor=unconfined --security-opt systempaths=unconfined"'
    );
  }
  if (settings[APPARMOR] === '1') {
    return (
      'AppArmor keeps user namespaces from programs without a profile; allow them with ' +
      '"sysctl kernel.apparmor_restrict_unprivileged_userns=0"'
    );
  }
  return 'the kernel refused a part of the box; a security module or a policy of this machine forbids it';
}

function setting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
