import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { MEMORY_BYTES } from '../limits.ts';
import { type Hierarchy, hierarchies, type Resource } from './cgroup-hierarchies.ts';
import { isRunning } from './is-running.ts';

/** A learner's control groups (Linux: Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst). Removed when empty. */
export interface Cgroup extends AsyncDisposable {
  /** Where a process writes its pid to belong to them: one file a hierarchy. */
  readonly procs: readonly string[];
  join(pid: number): Promise<void>;
}

/** Makes control groups, in the version of them that this machine has. */
export interface Cgroups {
  /** For the log: the version and what it limits. */
  readonly limit: string;
  readonly resources: ReadonlySet<Resource>;
  create(): Promise<Cgroup>;
}

const MIB = 1024 * 1024;
const GROUP_NAME = /^regatta-(\d+)-\d+$/;
const REMOVE_TRIES = 20;
const REMOVE_PAUSE_MS = 25;

/**
 * The control groups this process may use: version 2 in a delegated subtree, or those of version 1, each resource in a
 * hierarchy of its own; undefined where it may use none, and rlimits are all there is. Each is tried.
 * @param root where they are mounted
 * @param own content of /proc/self/cgroup
 */
export async function findCgroups(
  root = '/sys/fs/cgroup',
  own?: string,
): Promise<Cgroups | undefined> {
  const membership = own ?? (await readFile('/proc/self/cgroup', 'utf8').catch(() => ''));
  const usable: Hierarchy[] = [];
  for (const hierarchy of hierarchies(root, membership)) {
    const isKnown = usable.some(({ resources }) => resources[0] === hierarchy.resources[0]);
    if (!isKnown && (await isUsable(hierarchy))) usable.push(hierarchy);
  }
  return usable.length === 0 ? undefined : new Groups(usable);
}

async function isUsable(hierarchy: Hierarchy): Promise<boolean> {
  try {
    const group = new Groups([hierarchy]);
    await using trial = await group.create();
    await access(trial.procs[0] ?? '', constants.W_OK);
    await removeLeftovers(hierarchy.folder);
    return true;
  } catch {
    // Not there, or not ours to use: the next one.
    return false;
  }
}

/** In all groups of this process, so that names of several servers' groups differ by their pid alone. */
let nextNumber = 0;

class Groups implements Cgroups {
  readonly #hierarchies: readonly Hierarchy[];

  constructor(usable: readonly Hierarchy[]) {
    this.#hierarchies = usable;
  }

  get resources(): ReadonlySet<Resource> {
    return new Set(this.#hierarchies.flatMap(({ resources }) => resources));
  }

  get limit(): string {
    const { resources } = this;
    const words = [
      ...(resources.has('memory') ? [`${MEMORY_BYTES / MIB} MiB of memory`] : []),
      ...(resources.has('pids') ? ['processes'] : []),
      ...(resources.has('cpu') ? ['a share of the processor'] : []),
    ];
    return `${words.join(', ')} per learner, by cgroup ${this.#hierarchies[0]?.version}`;
  }

  async create(): Promise<Cgroup> {
    const name = `regatta-${process.pid}-${nextNumber++}`;
    const folders = this.#hierarchies.map(({ folder }) => path.join(folder, name));
    const remove = async () => {
      await Promise.all(folders.map((folder) => removeWhenEmpty(folder, REMOVE_TRIES)));
    };
    try {
      await Promise.all(this.#hierarchies.map((hierarchy) => makeGroup(hierarchy, name)));
    } catch (error) {
      await remove();
      throw error;
    }
    const procs = folders.map((folder) => path.join(folder, 'cgroup.procs'));
    return {
      procs,
      join: async (pid) => {
        await Promise.all(procs.map((file) => writeFile(file, String(pid))));
      },
      [Symbol.asyncDispose]: remove,
    };
  }
}

async function makeGroup(hierarchy: Hierarchy, name: string): Promise<void> {
  const { folder, settings, wishes, controllers } = hierarchy;
  if (controllers !== undefined) await hand(folder, controllers);
  const group = path.join(folder, name);
  await mkdir(group);
  for (const [file, value] of Object.entries(settings)) {
    await writeFile(path.join(group, file), value, { flag: 'r+' });
  }
  for (const [file, value] of Object.entries(wishes)) {
    // A kernel without swap has no limit of it.
    await writeFile(path.join(group, file), value, { flag: 'r+' }).catch(() => undefined);
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
