import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { TerminalSize } from '#protocol';

import { learnerEnvironment } from './bwrap-arguments.ts';
import { BASH_PROFILE, BASHRC } from './home.ts';
import { PtyProcess } from './pty-process.ts';
import { runProgram } from './run-program.ts';
import type { ListenResult, RunOptions, RunResult, Sandbox, TerminalProcess } from './sandbox.ts';

/**
 * No confinement at all: a shell of this machine with a home of its own, for one learner who is the machine's user. The
 * cluster's addresses cannot be given to it; its kubeconfig must name one of 127.0.0.1.
 */
export class UnconfinedShell implements Sandbox {
  readonly mode = 'none';
  readonly #home: string;
  readonly #path: string;
  readonly #onEnd: () => void;

  private constructor(home: string, commandPath: string, onEnd: () => void) {
    this.#home = home;
    this.#path = commandPath;
    this.#onEnd = onEnd;
  }

  static async create(options: {
    readonly kubeconfig: string;
    readonly homeFolder: string;
    readonly path: string;
    readonly onEnd: () => void;
  }): Promise<UnconfinedShell> {
    const home = await mkdtemp(path.join(tmpdir(), 'regatta-home-'));
    await cp(options.homeFolder, home, { recursive: true });
    await writeFile(path.join(home, '.bashrc'), BASHRC);
    await writeFile(path.join(home, '.bash_profile'), BASH_PROFILE);
    await mkdir(path.join(home, '.kube'), { mode: 0o700 });
    await writeFile(path.join(home, '.kube/config'), options.kubeconfig, { mode: 0o600 });
    return new UnconfinedShell(home, options.path, options.onEnd);
  }

  open(size: TerminalSize, options: Parameters<Sandbox['open']>[1] = {}): TerminalProcess {
    const [file = '/bin/bash', ...args] = options.command ?? ['/bin/bash', '-l'];
    return new PtyProcess({
      file,
      args,
      env: { ...this.#environment(), ...options.env },
      cwd: this.#home,
      size,
    });
  }

  run(options: RunOptions): Promise<RunResult> {
    const [file = '', ...args] = options.command;
    const env = { ...this.#environment(), ...options.env };
    return runProgram({ file, args, env, cwd: this.#home }, options);
  }

  async listen(
    addresses: readonly { readonly ip: string; readonly port: number }[],
  ): Promise<readonly ListenResult[]> {
    return addresses.map(({ ip, port }) => ({
      ip,
      port,
      error: 'an unconfined shell has no network of its own',
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
    this.#onEnd();
  }

  #environment(): Record<string, string> {
    return {
      ...learnerEnvironment('en'),
      HOME: this.#home,
      KUBECONFIG: path.join(this.#home, '.kube/config'),
      PATH: this.#path,
    };
  }
}
