import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import { WRITABLE_INODES, WRITABLE_MIB } from '../limits.ts';
import { CLUSTER_RANGES, START_MS } from './limits.ts';

/** Given to the shell as text: under the learner's uid the file itself may be out of reach. */
const SCRIPT = readFileSync(new URL('holder.sh', import.meta.url), 'utf8');
const END_OF_KUBECONFIG = 'end of kubeconfig';

/** Folders that every holder reads; the learners' uids must be able to. */
export interface HolderFolders {
  readonly stage: string;
  readonly etc: string;
  /** What each new home begins with, later ones over earlier ones. */
  readonly homes: readonly string[];
}

/**
 * One learner's namespaces, held by a process that ends with this one, however this one ends: its standard input is a
 * pipe from here. Disposing of it lets go of them; programs that were started in them are their starter's to end.
 */
export class Holder implements AsyncDisposable {
  readonly hostUid: number | undefined;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #complaint = '';

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    hostUid: number | undefined,
  ) {
    this.#child = child;
    this.hostUid = hostUid;
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (text: Buffer) => (this.#complaint += text.toString()));
    // An exit without anybody waiting is noticed when the pid is asked for.
    child.on('error', (error) => (this.#complaint += error.message));
  }

  /**
   * Starts a holder and settles when its namespaces are ready, with a home that lacks only the kubeconfig.
   * @param hostUid the learner's uid on this machine; undefined where the server has no right to change it
   * @throws Error with what the script said when the kernel refuses namespaces
   */
  static async start(folders: HolderFolders, hostUid: number | undefined): Promise<Holder> {
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      STAGE: folders.stage,
      ETC: folders.etc,
      HOMES: folders.homes.join(':'),
      SIZE: `${WRITABLE_MIB}m`,
      INODES: WRITABLE_INODES,
      RANGES: CLUSTER_RANGES.join(' '),
    };
    const identity = hostUid === undefined ? {} : { uid: hostUid, gid: hostUid };
    const child = spawn('/bin/sh', ['-c', SCRIPT], {
      env,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      // A ^C in the server's terminal is the server's: it still has homes to pack in here.
      detached: true,
      ...identity,
    });
    const holder = new Holder(child, hostUid);
    await holder.#answer();
    return holder;
  }

  /** Writes the kubeconfig into the home; once for each holder. */
  async fill(kubeconfig: string): Promise<void> {
    const answer = this.#answer();
    this.#child.stdin.write(`${kubeconfig.trimEnd()}\n${END_OF_KUBECONFIG}\n`);
    await answer;
  }

  get isAlive(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return exitCode === null && signalCode === null && pid !== undefined;
  }

  /**
   * Pid under which the namespaces are entered.
   * @throws Error when the holder has ended: its pid may belong to somebody else by now
   */
  get pid(): number {
    if (!this.isAlive || this.#child.pid === undefined) {
      throw new Error('Cannot enter the sandbox: it has ended');
    }
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isAlive) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }

  /** Waits for the next line from the script. */
  async #answer(): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(START_MS)]);
    const ended = once(this.#child, 'close', { signal }).then(() => {
      throw new Error(this.#complaint.trim() || 'the holder of the namespaces ended at once');
    });
    ended.catch(() => undefined);
    try {
      await Promise.race([once(this.#child.stdout, 'data', { signal }), ended]);
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    } finally {
      over.abort();
    }
  }
}
