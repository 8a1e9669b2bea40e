import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { commandFolders } from '../config.ts';
import { Box } from './box.ts';
import { bwrapArguments } from './bwrap-arguments.ts';
import { ETC } from './etc.ts';
import { findKubectl } from './find-kubectl.ts';
import { Holder } from './holder.ts';
import { BASH_PROFILE, BASHRC } from './home.ts';
import { PROCESSES, WRITABLE_SIZE } from './limits.ts';
import type { Sandbox, SandboxFactory, SandboxRequest } from './sandbox.ts';
import { seccompFilter } from './seccomp.ts';
import { UnconfinedShell } from './unconfined.ts';

export interface SandboxOptions {
  readonly mode: 'auto' | 'none';
  /** Commands that come first on the learner's PATH. */
  readonly binFolder: string;
  /** Files those commands need. */
  readonly libFolder: string;
  /** Copied into each new home. */
  readonly homeFolder: string;
}

/** No learner can be confined here; the message says why and what to do. */
export class SandboxError extends Error {
  readonly code = 'sandbox-unavailable';
}

/** Host uids of learners, where the server is root: above those of people and system accounts. */
const FIRST_HOST_UID = 200_000;
const HOST_UIDS = 60_000;
const NO_SANDBOX = 'or serve yourself alone, not confined, with --sandbox none';

/**
 * Finds out how learners can be confined here, by starting a real box.
 * @throws SandboxError where they cannot
 */
export async function createSandboxFactory(options: SandboxOptions): Promise<SandboxFactory> {
  if (options.mode === 'none') return unconfinedFactory(options);
  if (process.platform !== 'linux') {
    throw new SandboxError(
      `Cannot confine learners on ${process.platform}: run the server in a Linux machine (WSL2, a VM), ${NO_SANDBOX}`,
    );
  }
  if (!existsSync('/usr/bin/bwrap')) {
    throw new SandboxError(
      `Cannot confine learners: bubblewrap is missing; install it with "apt-get install bubblewrap", ${NO_SANDBOX}`,
    );
  }
  const factory = await BoxFactory.prepare(options);
  try {
    await using box = await factory.create({ kubeconfig: '', locale: 'en' });
    const { code, stderr } = await box.run({ command: ['true'], timeoutMs: 10_000 });
    if (code !== 0) throw new Error(stderr.trim());
  } catch (cause) {
    await factory[Symbol.asyncDispose]();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SandboxError(
      `Cannot confine learners: a trial box did not start (${why}); allow unprivileged user namespaces ` +
        `(kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns; in a container ` +
        `--security-opt seccomp=unconfined --security-opt systempaths=unconfined), ${NO_SANDBOX}`,
      { cause },
    );
  }
  return factory;
}

class BoxFactory implements SandboxFactory {
  readonly mode = 'bwrap';
  readonly limits = [
    `${PROCESSES} processes and ${WRITABLE_SIZE} of files per learner, by rlimits and tmpfs`,
  ];
  readonly #folder: string;
  readonly #isRoot = process.getuid?.() === 0;
  readonly #usedUids = new Set<number>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes the files that all boxes share. */
  static async prepare({ binFolder, libFolder, homeFolder }: SandboxOptions): Promise<BoxFactory> {
    const filter = seccompFilter(process.arch);
    if (!filter)
      throw new SandboxError(
        `Cannot confine learners on ${process.arch}: there is no filter of system calls for it`,
      );
    const folder = await mkdtemp(path.join(tmpdir(), 'regatta-box-'));
    // Boxes are entered under the learners' own uids, which must be able to read, not to write.
    await chmod(folder, 0o755);
    const at = (name: string) => path.join(folder, name);
    await Promise.all(['stage', 'etc', 'skel'].map((name) => mkdir(at(name), { mode: 0o755 })));
    await Promise.all([
      ...Object.entries(ETC).map(([name, text]) =>
        writeFile(at(`etc/${name}`), text, { mode: 0o644 }),
      ),
      writeFile(at('skel/.bashrc'), BASHRC, { mode: 0o644 }),
      writeFile(at('skel/.bash_profile'), BASH_PROFILE, { mode: 0o644 }),
      writeFile(at('filter'), filter, { mode: 0o644 }),
    ]);
    for (const locale of ['en', 'fr', 'zh'] as const) {
      const words = bwrapArguments({
        stage: at('stage'),
        etc: at('etc'),
        skel: at('skel'),
        tools: binFolder,
        lib: libFolder,
        home: homeFolder,
        node: process.execPath,
        kubectl: findKubectl()?.file,
        locale,
      });
      await writeFile(at(`arguments.${locale}`), words.map((word) => `${word}\0`).join(''), {
        mode: 0o644,
      });
    }
    return new BoxFactory(folder);
  }

  async create({ kubeconfig, locale }: SandboxRequest): Promise<Sandbox> {
    const at = (name: string) => path.join(this.#folder, name);
    const hostUid = this.#isRoot ? this.#takeUid() : undefined;
    const giveBack = () => void (hostUid !== undefined && this.#usedUids.delete(hostUid));
    try {
      const holder = await Holder.start({ stage: at('stage'), etc: at('etc') }, hostUid);
      const setup = { argumentsFile: at(`arguments.${locale}`), filterFile: at('filter') };
      const box = new Box(holder, setup, hostUid, giveBack);
      await box.fillHome(kubeconfig);
      return box;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #takeUid(): number {
    for (let uid = FIRST_HOST_UID; uid < FIRST_HOST_UID + HOST_UIDS; uid++) {
      if (this.#usedUids.has(uid)) continue;
      this.#usedUids.add(uid);
      return uid;
    }
    throw new SandboxError('Cannot confine one more learner: all host uids are taken');
  }
}

function unconfinedFactory({ binFolder, homeFolder }: SandboxOptions): SandboxFactory {
  let isTaken = false;
  return {
    mode: 'none',
    limits: ['none'],
    async create({ kubeconfig }) {
      if (isTaken)
        throw new SandboxError(
          'Cannot take a second learner: without a sandbox there is room for one',
        );
      isTaken = true;
      const kubectl = findKubectl();
      const folders = [
        binFolder,
        ...(kubectl ? [path.dirname(kubectl.file)] : []),
        ...commandFolders(),
      ];
      const onEnd = () => {
        isTaken = false;
      };
      return UnconfinedShell.create({ kubeconfig, homeFolder, path: folders.join(':'), onEnd });
    },
    async [Symbol.asyncDispose]() {
      isTaken = false;
    },
  };
}
