import { spawn } from 'node:child_process';
import { Server } from 'node:net';
import { fileURLToPath } from 'node:url';

import type { ListenResult } from './sandbox.ts';

const HELPER = fileURLToPath(new URL('listen-helper.mjs', import.meta.url));

interface Address {
  readonly ip: string;
  readonly port: number;
}

/**
 * Listens on exact addresses inside a learner's network namespace, by a helper that lives for some milliseconds and hands
 * its sockets over. No relay stays behind: the sockets belong to this process, and exist for that learner alone.
 */
export function listenInside(
  holderPid: number,
  hostUid: number | undefined,
  addresses: readonly Address[],
): Promise<readonly ListenResult[]> {
  if (addresses.length === 0) return Promise.resolve([]);
  return new Promise((resolve, reject) => {
    const results: ListenResult[] = [];
    const helper = spawn(
      'nsenter',
      ['-t', String(holderPid), '-U', '-n', '--preserve-credentials', process.execPath, HELPER],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: { PATH: '/usr/bin:/bin' },
        cwd: '/',
        ...(hostUid !== undefined && { uid: hostUid, gid: hostUid }),
      },
    );
    helper.on('message', (entry: Address & { readonly error?: string }, socket) => {
      const { ip, port, error } = entry;
      if (socket instanceof Server) results.push({ ip, port, socket });
      else results.push({ ip, port, error: error ?? 'no socket came' });
    });
    helper.once('error', reject);
    helper.once('close', (code) => {
      if (results.length === addresses.length) resolve(results);
      else
        reject(
          new Error(
            `Cannot listen inside the sandbox: the helper ended with status ${code ?? 'unknown'}`,
          ),
        );
    });
    helper.send([...addresses]);
  });
}
