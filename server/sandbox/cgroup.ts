import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { CPU_WEIGHT, MEMORY_BYTES, PROCESSES } from '../limits.ts';
import { isRunning } from './is-running.ts';

/** A learner's control group (Linux: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst). Removed when empty. */
export interface Cgroup extends AsyncDisposable {
  /** Where a process writes its pid to belong to it. */
  readonly procs: string;
  join(pid: number): Promise<void>;
}

/** Makes control groups, in the version of them that this machine has. */
export interface Cgroups {
  /** For the log: the version and what it limits. */
  readonly limit: string;
  create(): Promise<Cgroup>;
}

const MIB = 1024 * 1024;
const GROUP_NAME = /^regatta-(\d+)-\d+$/;
const REMOVE_TRIES = 20;
const REMOVE_PAUSE_MS = 25;

/**
 * The control groups this process may use: version 2 in a delegated subtree, or version 1's memory; undefined where it
 * may use none, and rlimits are all there is.
 * @param root where they are mounted
 * @param own content of /proc/self/cgroup
 */
export async function findCgroups(
  root = '/sys/fs/cgroup',
  own?: string,
): Promise<Cgroups | undefined> {
  const membership = own ?? (await readFile('/proc/self/cgroup', 'utf8').catch(() => ''));
  for (const candidate of candidates(root, membership)) {
    const cgroups = new Groups(candidate);
    try {
      await using trial = await cgroups.create();
      await access(trial.procs, constants.W_OK);
      await removeLeftovers(candidate.folder);
      return cgroups;
    } catch {
      // Not there, or not ours to use: the next one.
    }
  }
  return undefined;
}

/** A folder in which groups may be made, and what is written into each. */
interface Candidate {
  readonly name: string;
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Version 2 hands controllers down only when told to. */
  readonly controllers?: string;
}

function candidates(root: string, membership: string): readonly Candidate[] {
  const memory = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(membership)?.[1];
  const unified = /^0::(.*)$/m.exec(membership)?.[1];
  const found: Candidate[] = [];
  if (memory !== undefined) {
    const settings = { 'memory.limit_in_bytes': String(MEMORY_BYTES) };
    // In a container the mount shows its own group as the root.
    const folders = new Set([path.join(root, 'memory', memory), path.join(root, 'memory')]);
    for (const folder of folders) found.push({ name: 'cgroup v1', folder, settings });
  } else if (unified !== undefined) {
    // A group with processes of its own may not have children that are limited, so learners become our siblings.
    const folders = new Set([path.dirname(path.join(root, unified)), root]);
    const settings = {
      'memory.max': String(MEMORY_BYTES),
      'pids.max': String(PROCESSES),
      'cpu.weight': String(CPU_WEIGHT),
    };
    for (const folder of folders) {
      found.push({ name: 'cgroup v2', folder, settings, controllers: '+memory +pids +cpu' });
    }
  }
  return found;
}

class Groups implements Cgroups {
  readonly #candidate: Candidate;
  #next = 0;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }

  get limit(): string {
    const { name, settings } = this.#candidate;
    const others = 'pids.max' in settings ? ', processes and a share of the processor' : '';
    return `${MEMORY_BYTES / MIB} MiB of memory${others} per learner, by ${name}`;
  }

  async create(): Promise<Cgroup> {
    const { folder, settings, controllers } = this.#candidate;
    if (controllers !== undefined) await hand(folder, controllers);
    const group = path.join(folder, `regatta-${process.pid}-${this.#next++}`);
    await mkdir(group);
    const remove = () => removeWhenEmpty(group, REMOVE_TRIES);
    try {
      for (const [name, value] of Object.entries(settings)) {
        await writeFile(path.join(group, name), value, { flag: 'r+' });
      }
    } catch (error) {
      await remove();
      throw error;
    }
    const procs = path.join(group, 'cgroup.procs');
    return {
      procs,
      join: (pid) => writeFile(procs, String(pid)),
      [Symbol.asyncDispose]: remove,
    };
  }
}

/** Groups of a server that was killed. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = GROUP_NAME.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      await removeWhenEmpty(path.join(folder, name), 0);
    }
  }
}

async function hand(folder: string, controllers: string): Promise<void> {
  const file = path.join(folder, 'cgroup.subtree_control');
  const given = (await readFile(file, 'utf8')).trim().split(' ');
  const isGiven = controllers.split(' ').every((name) => given.includes(name.slice(1)));
  if (!isGiven) await writeFile(file, controllers, { flag: 'r+' });
}

/** The kernel keeps a group as long as a process of it is not yet reaped. What then remains costs some kilobytes. */
async function removeWhenEmpty(group: string, tries: number): Promise<void> {
  try {
    await rmdir(group);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EBUSY' || tries === 0) return;
    await delay(REMOVE_PAUSE_MS);
    await removeWhenEmpty(group, tries - 1);
  }
}
