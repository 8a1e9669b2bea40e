import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Locale, LOCALES } from '#protocol';

import { PROCESSES, WRITABLE_MIB } from '../limits.ts';
import { Box } from './box.ts';
import { type BoxFiles, bwrapArguments } from './bwrap-arguments.ts';
import { type Cgroup, type Cgroups, findCgroups } from './cgroup.ts';
import { ETC } from './etc.ts';
import { findKubectl } from './find-kubectl.ts';
import { Holder, type HolderFolders } from './holder.ts';
import { HOME_FILES } from './home.ts';
import { isRunning } from './is-running.ts';
import { findLanguages } from './languages.ts';
import { REFILL_DELAY_MS, SPARE_BOXES } from './limits.ts';
import { publicPath } from './public-files.ts';
import { SandboxError } from './sandbox-error.ts';
import type { Sandbox, SandboxFactory, SandboxRequest } from './sandbox.ts';
import { seccompFilter } from './seccomp.ts';

/** Folders that the boxes of a server are made of. */
export interface BoxFolders {
  /** Commands that come first on the learner's PATH. */
  readonly binFolder: string;
  /** Files those commands need. */
  readonly libFolder: string;
  /** Copied into each new home. */
  readonly homeFolder: string;
}

/** Host uids of learners, where the server is root: above those of people and system accounts. */
const FIRST_HOST_UID = 200_000;
const HOST_UIDS = 60_000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HELPER = fileURLToPath(new URL('listen-helper.mjs', import.meta.url));
/** Nothing that a lesson uses, and big. */
const BIG_FOLDERS = ['/usr/lib/google-cloud-sdk', '/usr/src'];
const FOLDER_NAME = /^regatta-box-(\d+)-/;

/** Where a learner's programs will live. */
interface Place {
  readonly holder: Holder;
  readonly cgroup: Cgroup | undefined;
}

/** Makes boxes, and keeps some of them ready. */
export class BoxFactory implements SandboxFactory {
  readonly mode = 'bwrap';
  readonly limits: readonly string[];
  readonly #folder: string;
  readonly #holderFolders: HolderFolders;
  readonly #programs: { readonly node: string; readonly listenHelper: string };
  readonly #cgroups: Cgroups | undefined;
  readonly #processes = isCountPerBox() ? PROCESSES : undefined;
  readonly #usedUids = new Set<number>();
  readonly #spares: Promise<Place | undefined>[] = [];
  #refill: NodeJS.Timeout | undefined;
  #isEnded = false;

  private constructor(
    holderFolders: HolderFolders,
    programs: { readonly node: string; readonly listenHelper: string },
    cgroups: Cgroups | undefined,
  ) {
    this.#holderFolders = holderFolders;
    this.#folder = path.dirname(holderFolders.stage);
    this.#programs = programs;
    this.#cgroups = cgroups;
    this.limits = [
      `${WRITABLE_MIB} MiB of files per learner, by tmpfs`,
      ...(this.#processes === undefined ? [] : [`${PROCESSES} processes per learner, by rlimit`]),
      ...(cgroups ? [cgroups.limit] : ['no limit of memory: no control group may be used here']),
    ];
  }

  /**
   * Writes the files that all boxes share.
   * @throws SandboxError for a processor without a filter
   */
  static async prepare(folders: BoxFolders): Promise<BoxFactory> {
    const filter = seccompFilter(process.arch);
    if (!filter) {
      throw new SandboxError(
        `Cannot confine learners on ${process.arch}: there is no filter of system calls for it`,
      );
    }
    await removeLeftovers();
    const folder = await mkdtemp(path.join(tmpdir(), `regatta-box-${process.pid}-`));
    const at = (name: string) => path.join(folder, name);
    await Promise.all(['stage', 'etc', 'skel', 'copies'].map((name) => mkdir(at(name))));
    await writeAll(at('etc'), ETC);
    await writeAll(at('skel'), HOME_FILES);
    await writeFile(at('filter'), filter);
    const kubectl = findKubectl();
    const open = (file: string) => publicPath(file, at('copies'));
    const [tools, lib, home, node, listenHelper, kubectlFile] = await Promise.all([
      open(folders.binFolder),
      open(folders.libFolder),
      open(folders.homeFolder),
      open(process.execPath),
      open(HELPER),
      kubectl && open(kubectl.file),
    ]);
    const files: Omit<BoxFiles, 'locale' | 'language' | 'usesDns'> = {
      stage: at('stage'),
      etc: at('etc'),
      tools,
      lib,
      node,
      kubectl: kubectlFile,
      hidden: await hiddenFolders(),
    };
    const languages = findLanguages();
    for (const locale of LOCALES) {
      for (const usesDns of [false, true]) {
        const words = bwrapArguments({ ...files, locale, usesDns, language: languages[locale] });
        const name = argumentsName(locale, usesDns);
        await writeFile(at(name), words.map((word) => `${word}\0`).join(''));
      }
    }
    await openFolder(folder);
    const homes = [home, at('skel')];
    const holderFolders = { stage: at('stage'), etc: at('etc'), homes };
    return new BoxFactory(holderFolders, { node, listenHelper }, await findCgroups());
  }

  async create({ kubeconfig, locale, usesDns = false }: SandboxRequest): Promise<Sandbox> {
    const place = await this.#takePlace();
    try {
      await place.holder.fill(kubeconfig);
      return new Box(place.holder, {
        ...this.#programs,
        argumentsFile: path.join(this.#folder, argumentsName(locale, usesDns)),
        filterFile: path.join(this.#folder, 'filter'),
        processes: this.#processes,
        cgroup: place.cgroup,
        onEnd: () => this.#giveBackUid(place.holder.hostUid),
      });
    } catch (error) {
      await this.#end(place);
      throw error;
    }
  }

  /** Boxes that still run are their owners' to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#refill);
    const spares = await Promise.all(this.#spares.splice(0));
    for (const place of spares) if (place) await this.#end(place);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #takePlace(): Promise<Place> {
    const spare = await this.#spares.shift();
    this.#refillLater();
    if (spare?.holder.isAlive) return spare;
    if (spare) await this.#end(spare);
    return this.#makePlace();
  }

  async #makePlace(): Promise<Place> {
    const hostUid = process.getuid?.() === 0 ? this.#takeUid() : undefined;
    try {
      const holder = await Holder.start(this.#holderFolders, hostUid);
      const cgroup = await this.#cgroups?.create();
      await cgroup?.join(holder.pid);
      return { holder, cgroup };
    } catch (error) {
      this.#giveBackUid(hostUid);
      throw error;
    }
  }

  async #end({ holder, cgroup }: Place): Promise<void> {
    await holder[Symbol.asyncDispose]();
    await cgroup?.[Symbol.asyncDispose]();
    this.#giveBackUid(holder.hostUid);
  }

  #refillLater(): void {
    clearTimeout(this.#refill);
    if (this.#isEnded) return;
    this.#refill = setTimeout(() => {
      while (this.#spares.length < SPARE_BOXES) {
        // A spare that cannot be had is no harm: whoever needs the box hears why.
        this.#spares.push(this.#makePlace().catch(() => undefined));
      }
    }, REFILL_DELAY_MS);
    this.#refill.unref();
  }

  #takeUid(): number {
    for (let uid = FIRST_HOST_UID; uid < FIRST_HOST_UID + HOST_UIDS; uid++) {
      if (this.#usedUids.has(uid)) continue;
      this.#usedUids.add(uid);
      return uid;
    }
    throw new SandboxError('Cannot confine one more learner: all host uids are taken');
  }

  #giveBackUid(uid: number | undefined): void {
    if (uid !== undefined) this.#usedUids.delete(uid);
  }
}

function argumentsName(locale: Locale, usesDns: boolean): string {
  return `arguments.${locale}${usesDns ? '.dns' : ''}`;
}

/** Files for the learners' uids: readable whatever this process's umask is. */
async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(
    Object.entries(files).map(async ([name, text]) => {
      await writeFile(path.join(folder, name), text);
      await chmod(path.join(folder, name), 0o644);
    }),
  );
}

async function openFolder(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    await chmod(path.join(folder, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

/** The server's own folder may lie under /usr, which boxes show. */
async function hiddenFolders(): Promise<readonly string[]> {
  const own = path.resolve(ROOT);
  const folders = [...BIG_FOLDERS, ...(own.startsWith('/usr/') ? [own] : [])];
  const names = await Promise.all(
    folders.map((folder) =>
      readdir(folder).then(
        () => [folder],
        () => [],
      ),
    ),
  );
  return names.flat();
}

/** Before Linux 5.14 the limit of processes counted all those of a uid, and without root that is this server's own. */
function isCountPerBox(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.getuid?.() === 0 || major > 5 || (major === 5 && minor >= 14);
}

/** What a server that was killed has left. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir());
  const old = names.filter((name) => {
    const pid = FOLDER_NAME.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  await Promise.all(
    // Another user's folder is theirs to remove.
    old.map((name) =>
      rm(path.join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined),
    ),
  );
}
