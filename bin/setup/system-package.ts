import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Something that the system's package manager has. */
export interface SystemPackage {
  readonly isThere: () => boolean;
  /** Debian names. */
  readonly packages: readonly string[];
  /** What goes without it: ends the sentence "… needed for". */
  readonly why: string;
}

/** Installs a Debian package where that is allowed; elsewhere says the command and goes on. */
export function provideSystemPackage(say: (text: string) => void, wanted: SystemPackage): void {
  if (wanted.isThere()) return;
  const names = wanted.packages.join(' ');
  const command = `apt-get update && apt-get install -y ${names}`;
  const isAllowed = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (isAllowed) {
    say(`Installing ${names} (needed for ${wanted.why}): ${command}`);
    const steps = [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', ...wanted.packages],
    ];
    const output = steps.map((step) =>
      spawnSync('env', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', ...step], {
        encoding: 'utf8',
      }),
    );
    if (wanted.isThere()) return;
    say(output.at(-1)?.stderr.trim() ?? '');
  }
  say(
    `Missing: ${names}, needed for ${wanted.why}. Install it with: ${isAllowed ? '' : 'sudo '}sh -c "${command}"`,
  );
}
