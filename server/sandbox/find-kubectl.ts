import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { commandFolders } from '../config.ts';

export interface Kubectl {
  /** A real binary, not a script that wants its installation around it. */
  readonly file: string;
  /** `1.33`. */
  readonly version: string;
}

const OWN = fileURLToPath(new URL('../../.cache/tools', import.meta.url));
const PLACES = [
  '/usr/local/bin',
  '/usr/bin',
  '/snap/bin',
  '/usr/lib/google-cloud-sdk/bin',
  '/usr/local/google-cloud-sdk/bin',
  '/opt/google-cloud-sdk/bin',
];
const OLDEST_MINOR = 27;

/** Every kubectl of 1.27 or newer on this machine, oldest first; of each minor version one. */
export function findKubectls(): readonly Kubectl[] {
  const found = new Map<number, Kubectl>();
  for (const file of candidates()) {
    const minor = minorVersion(file);
    if (minor === undefined || minor < OLDEST_MINOR || found.has(minor)) continue;
    found.set(minor, { file, version: `1.${minor}` });
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, kubectl]) => kubectl);
}

let newest: Kubectl | undefined;

/** The newest kubectl on this machine; undefined when there is none of 1.27 or newer. */
export function findKubectl(): Kubectl | undefined {
  newest ??= findKubectls().at(-1);
  return newest;
}

/** `kubectl` and the versioned `kubectl.1.NN` that some installations keep beside a dispatcher. */
function candidates(): readonly string[] {
  const folders = new Set([OWN, ...commandFolders(), ...PLACES]);
  const files = [...folders].flatMap((folder) =>
    namesIn(folder)
      .filter((name) => /^kubectl(\.1\.\d+)?$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  return files.filter(isElf);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isElf(file: string): boolean {
  try {
    const descriptor = openSync(realpathSync(file), 'r');
    const head = Buffer.alloc(4);
    readSync(descriptor, head);
    closeSync(descriptor);
    return head.toString('latin1') === '\u007FELF';
  } catch {
    return false;
  }
}

/** From the name where that tells, which costs nothing; else the binary is asked. A dispatcher says so itself. */
function minorVersion(file: string): number | undefined {
  const named = /kubectl\.1\.(\d+)$/.exec(file)?.[1];
  if (named !== undefined) return Number(named);
  const { stdout } = spawnSync(file, ['version', '--client', '-o', 'json'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (/dispatcher/.test(stdout)) return undefined;
  const minor = /"minor": "(\d+)/.exec(stdout)?.[1];
  return minor === undefined ? undefined : Number(minor);
}
