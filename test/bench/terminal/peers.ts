import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { Row } from '../row.ts';
import { findWetty, WettyProblem } from './wetty.ts';

/** Which terminal: ours, one over socket.io without any care, and wetty; all start the same bash, without a sandbox. */
export type Peer = 'own' | 'naive' | 'wetty';

/** A server in a process of its own. */
export interface PeerServer {
  readonly peer: Peer;
  readonly port: number;
  readonly pid: number;
}

/** What each terminal gave; none for one that could not be measured. */
export type Figures<T> = Readonly<Partial<Record<Peer, T>>>;

/**
 * Starts every terminal that can be had here and measures. wetty is installed by itself outside the repository; where that
 * cannot be, it is said.
 */
export async function withPeers(
  measure: (servers: readonly PeerServer[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  await using stack = new AsyncDisposableStack();
  const servers: PeerServer[] = [];
  for (const peer of ['naive', 'own', 'wetty'] as const) {
    try {
      servers.push(await startPeer(peer, stack));
    } catch (error) {
      if (!(error instanceof WettyProblem)) throw error;
      process.stderr.write(`\nwetty: NOT MEASURED, because ${error.message}\n`);
    }
  }
  const rows = await measure(servers);
  return rows;
}

/** Measures one server after the other: two at once would leave no processor for what is measured. */
export async function eachPeer<T>(
  servers: readonly PeerServer[],
  measure: (server: PeerServer) => Promise<T>,
): Promise<Figures<T>> {
  const figures: Partial<Record<Peer, T>> = {};
  for (const server of servers) figures[server.peer] = await measure(server);
  return figures;
}

/** Runs one of the files beside this one as a process, until it is disposed of. */
export async function startFile(
  file: string,
  args: readonly string[],
): Promise<{ readonly first: unknown; readonly pid: number } & AsyncDisposable> {
  const env = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', PS1: '$ ', HOME: '/' };
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [first] = await Promise.race([once(child, 'message'), failed(child, file)]);
  return {
    first,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.disconnect();
      // A server that floods may hear of it late.
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function startPeer(peer: Peer, stack: AsyncDisposableStack): Promise<PeerServer> {
  const args = peer === 'wetty' ? [await findWetty()] : [];
  const { first, pid } = stack.use(await startFile(`${peer}-server.ts`, args));
  const isPort = typeof first === 'object' && first !== null && 'port' in first;
  return { peer, pid, port: isPort ? Number(first.port) : 0 };
}

async function failed(child: ChildProcess, file: string): Promise<never> {
  await once(child, 'exit');
  throw new Error(`${file} ended before it was ready`);
}
