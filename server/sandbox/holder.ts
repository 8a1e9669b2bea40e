import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { CLUSTER_RANGES, START_MS, WRITABLE_INODES, WRITABLE_SIZE } from './limits.ts';

const SCRIPT = fileURLToPath(new URL('holder.sh', import.meta.url));

/**
 * One learner's namespaces, held by a process that ends with this one, however this one ends: its standard input is a
 * pipe from here. Disposing of it ends everything that lives in them.
 */
export class Holder implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts a holder and settles when its namespaces are ready.
   * @param hostUid the learner's uid on this machine; undefined where the server has no right to change it
   * @throws Error with what the script said when the kernel refuses namespaces
   */
  static async start(
    folders: { readonly stage: string; readonly etc: string },
    hostUid: number | undefined,
  ): Promise<Holder> {
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      STAGE: folders.stage,
      ETC: folders.etc,
      SIZE: WRITABLE_SIZE,
      INODES: WRITABLE_INODES,
      RANGES: CLUSTER_RANGES.join(' '),
    };
    const identity = hostUid === undefined ? {} : { uid: hostUid, gid: hostUid };
    const child = spawn(SCRIPT, [], {
      env,
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...identity,
    });
    child.stdin.on('error', () => undefined);
    let complaint = '';
    child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));
    const signal = AbortSignal.timeout(START_MS);
    const ready = once(child.stdout, 'data', { signal });
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error(complaint.trim() || 'the holder of the namespaces ended at once');
    });
    ended.catch(() => undefined);
    try {
      await Promise.race([ready, ended]);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return new Holder(child);
  }

  /**
   * Pid under which the namespaces are entered.
   * @throws Error when the holder has ended: its pid may belong to somebody else by now
   */
  get pid(): number {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || !this.#child.pid) {
      throw new Error('Cannot enter the sandbox: it has ended');
    }
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
