import { fileURLToPath } from 'node:url';

import type { TerminalSize } from '#protocol';

import type { Holder } from './holder.ts';
import { FILL_HOME } from './home.ts';
import { ADDRESS_SPACE_KIB, PROCESSES } from './limits.ts';
import { listenInside } from './listen.ts';
import { PtyProcess } from './pty-process.ts';
import { runProgram } from './run-program.ts';
import type { ListenResult, RunOptions, RunResult, Sandbox, TerminalProcess } from './sandbox.ts';

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));
const FILL_LIMIT_MS = 10_000;

/** What every box of a server shares: files with bwrap's arguments and the filter of system calls. */
export interface BoxSetup {
  readonly argumentsFile: string;
  readonly filterFile: string;
}

/** A learner's box: namespaces held by a holder, entered anew through bwrap for each program. */
export class Box implements Sandbox {
  readonly mode = 'bwrap';
  readonly #holder: Holder;
  readonly #setup: BoxSetup;
  readonly #hostUid: number | undefined;
  readonly #onEnd: () => void;

  constructor(holder: Holder, setup: BoxSetup, hostUid: number | undefined, onEnd: () => void) {
    this.#holder = holder;
    this.#setup = setup;
    this.#hostUid = hostUid;
    this.#onEnd = onEnd;
  }

  /** Puts the samples, the shell's start files and the kubeconfig into the new home. */
  async fillHome(kubeconfig: string): Promise<void> {
    const command = ['/bin/sh', '-c', FILL_HOME];
    const { code, stderr } = await this.run({
      command,
      stdin: kubeconfig,
      timeoutMs: FILL_LIMIT_MS,
    });
    if (code !== 0) throw new Error(`Cannot fill the learner's home: ${stderr.trim()}`);
  }

  open(size: TerminalSize, options: Parameters<Sandbox['open']>[1] = {}): TerminalProcess {
    const command = options.command ?? ['/bin/bash', '-l'];
    const [file, ...args] = withEnvironment(command, options.env);
    return new PtyProcess({
      file: ENTER,
      args: [file ?? '', ...args],
      env: this.#environment(),
      cwd: '/',
      size,
    });
  }

  run(options: RunOptions): Promise<RunResult> {
    const args = withEnvironment(options.command, options.env);
    return runProgram({ file: ENTER, args, env: this.#environment(), cwd: '/' }, options);
  }

  listen(
    addresses: readonly { readonly ip: string; readonly port: number }[],
  ): Promise<readonly ListenResult[]> {
    return listenInside(this.#holder.pid, this.#hostUid, addresses);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]();
    this.#onEnd();
  }

  /** For enter.sh; nothing of it reaches the box. */
  #environment(): Record<string, string> {
    return {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOLDER: String(this.#holder.pid),
      ARGS: this.#setup.argumentsFile,
      SECCOMP: this.#setup.filterFile,
      PROCESSES: String(PROCESSES),
      ADDRESS_SPACE: String(ADDRESS_SPACE_KIB),
      ...(this.#hostUid !== undefined && { HUID: String(this.#hostUid) }),
    };
  }
}

/** bwrap sets the environment of the box; more of it is added by `env` inside. */
function withEnvironment(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): readonly string[] {
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? command : ['/usr/bin/env', ...pairs, ...command];
}
