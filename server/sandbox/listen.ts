import { spawn } from 'node:child_process';
import { Server } from 'node:net';

import type { Holder } from './holder.ts';
import { LISTEN_MS } from './limits.ts';
import type { ListenResult } from './sandbox.ts';

interface Address {
  readonly ip: string;
  readonly port: number;
}

/**
 * Listens on exact addresses inside a learner's network namespace, by a helper that lives for some milliseconds and hands
 * its sockets over. No relay stays behind: the sockets belong to this process, and exist for that learner alone.
 * @param helper the Node and the script it runs, both readable by the learner's uid
 */
export function listenInside(
  holder: Holder,
  helper: { readonly node: string; readonly script: string },
  addresses: readonly Address[],
): Promise<readonly ListenResult[]> {
  if (addresses.length === 0) return Promise.resolve([]);
  const { hostUid } = holder;
  const enter = ['-t', String(holder.pid), '-U', '-n', '--preserve-credentials'];
  return new Promise((resolve, reject) => {
    const results: ListenResult[] = [];
    // Behind the shells, which run at 5: when many learners come at once, prompts matter more than the first kubectl.
    const command = ['-n', '10', '/usr/bin/nsenter', ...enter, helper.node, helper.script];
    const child = spawn('/usr/bin/nice', command, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      timeout: LISTEN_MS,
      killSignal: 'SIGKILL',
      ...(hostUid !== undefined && { uid: hostUid, gid: hostUid }),
    });
    child.on('message', (entry: Address & { readonly error?: string }, socket) => {
      const { ip, port, error } = entry;
      if (socket instanceof Server) results.push({ ip, port, socket });
      else results.push({ ip, port, error: error ?? 'no socket came' });
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (results.length === addresses.length) {
        resolve(results);
        return;
      }
      for (const result of results) if ('socket' in result) result.socket.close();
      const how = signal === null ? `with status ${code ?? 'unknown'}` : `by ${signal}`;
      reject(new Error(`Cannot listen inside the sandbox: the helper ended ${how}`));
    });
    child.send([...addresses], (error) => void (error && reject(error)));
  });
}
