import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { TerminalSize } from '#protocol';

import { learnerEnvironment } from './bwrap-arguments.ts';
import { HOME_FILES } from './home.ts';
import { findLanguages } from './languages.ts';
import { PtyProcess } from './pty-process.ts';
import { runForBytes, runProgram, type Spawning } from './run-program.ts';
import type {
  BytesResult,
  ListenAddress,
  ListenResult,
  RunOptions,
  RunResult,
  Sandbox,
  SandboxRequest,
  TerminalProcess,
} from './sandbox.ts';
import { shellCommand } from './shell-command.ts';

/** Gives the shell its nonce by descriptor 7, and no environment that shows it. */
const MARKED_SHELL = [
  '/bin/sh',
  '-c',
  'exec 7<<END\n$NONCE\nEND\nunset NONCE; exec "$@"',
  'sh',
  ...shellCommand(fileURLToPath(new URL('shell.bash', import.meta.url))),
];

interface UnconfinedOptions extends SandboxRequest {
  readonly homeFolder: string;
  /** Value of PATH. */
  readonly commandPath: string;
  /** Told once, when the shell is gone. */
  readonly onEnd: () => void;
}

/** The API server's address, and the port of 127.0.0.1 that stands for it here. */
interface ApiServer {
  readonly ip: string;
  readonly port: number;
  readonly socket: Server;
}

/**
 * No confinement at all: a shell of this machine with a home of its own, for one learner who is the machine's user. It has
 * no network of its own, so of the cluster's addresses only the API server answers, on a port of 127.0.0.1.
 */
export class UnconfinedShell implements Sandbox {
  readonly mode = 'none';
  readonly #home: string;
  readonly #options: UnconfinedOptions;
  readonly #apiServer: ApiServer | undefined;
  readonly #language: Readonly<Record<string, string>>;
  readonly #terminals = new Set<PtyProcess>();
  readonly #ending = new AbortController();

  private constructor(home: string, options: UnconfinedOptions, apiServer: ApiServer | undefined) {
    this.#home = home;
    this.#options = options;
    this.#apiServer = apiServer;
    this.#language = findLanguages()[options.locale];
  }

  static async create(options: UnconfinedOptions): Promise<UnconfinedShell> {
    const home = await mkdtemp(path.join(tmpdir(), 'regatta-home-'));
    await cp(options.homeFolder, home, { recursive: true });
    for (const [name, text] of Object.entries(HOME_FILES)) {
      await writeFile(path.join(home, name), text);
    }
    const apiServer = await apiServerHere(options.kubeconfig);
    await mkdir(path.join(home, '.kube'), { mode: 0o700 });
    const kubeconfig = apiServer ? onLoopback(options.kubeconfig, apiServer) : options.kubeconfig;
    await writeFile(path.join(home, '.kube/config'), kubeconfig, { mode: 0o600 });
    return new UnconfinedShell(home, options, apiServer);
  }

  open(size: TerminalSize, options: Parameters<Sandbox['open']>[1] = {}): TerminalProcess {
    this.#ending.signal.throwIfAborted();
    const [file = '', ...args] = options.command ?? MARKED_SHELL;
    const nonce = options.command ? {} : { NONCE: options.nonce ?? 'none' };
    const env = { ...this.#environment(), ...nonce, ...options.env };
    const terminal = new PtyProcess({ file, args, env, cwd: this.#home, size });
    this.#terminals.add(terminal);
    terminal.onExit(() => this.#terminals.delete(terminal));
    return terminal;
  }

  run(options: RunOptions): Promise<RunResult> {
    return runProgram(this.#spawning(options), options);
  }

  runBytes(options: RunOptions & { readonly outputBytes: number }): Promise<BytesResult> {
    return runForBytes(this.#spawning(options), { ...options, beyond: 'end' });
  }

  async listen(addresses: readonly ListenAddress[]): Promise<readonly ListenResult[]> {
    return addresses.map(({ ip, port }) => {
      const api = this.#apiServer;
      if (api?.ip === ip && api.port === port) return { ip, port, socket: api.socket };
      return { ip, port, error: 'a shell without a sandbox has no network of its own' };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#terminals].map((terminal) => terminal.kill()));
    this.#apiServer?.socket.close();
    await rm(this.#home, { recursive: true, force: true });
    this.#options.onEnd();
  }

  #spawning({ command, env }: RunOptions): Spawning {
    const [file = '', ...args] = command;
    const { signal } = this.#ending;
    return { file, args, env: { ...this.#environment(), ...env }, cwd: this.#home, signal };
  }

  #environment(): Record<string, string> {
    return {
      ...learnerEnvironment(this.#options.locale, this.#language),
      HOME: this.#home,
      KUBECONFIG: path.join(this.#home, '.kube/config'),
      PATH: this.#options.commandPath,
    };
  }
}

const SERVER = /^(\s*)server: ['"]?https:\/\/(\d+\.\d+\.\d+\.\d+):(\d+)\/?['"]?[ \t]*$/m;

/** A socket on a free port of 127.0.0.1 for the API server of a kubeconfig; undefined when that names none. */
async function apiServerHere(kubeconfig: string): Promise<ApiServer | undefined> {
  const [, , ip, port] = SERVER.exec(kubeconfig) ?? [];
  if (ip === undefined) return undefined;
  const socket = createServer();
  socket.listen(0, '127.0.0.1');
  await once(socket, 'listening');
  return { ip, port: Number(port), socket };
}

/** The certificate is the one of the cluster's own address, so the client is told to expect that. */
function onLoopback(kubeconfig: string, { ip, socket }: ApiServer): string {
  const address = socket.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return kubeconfig.replace(
    SERVER,
    `$1server: https://127.0.0.1:${port}\n$1tls-server-name: ${ip}`,
  );
}
