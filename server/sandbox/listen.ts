import { spawn } from 'node:child_process';
import { Socket as UdpSocket } from 'node:dgram';
import { Server, type Socket } from 'node:net';

import type { Holder } from './holder.ts';
import { LISTEN_MS } from './limits.ts';
import type { ListenAddress, ListenResult } from './sandbox.ts';

/**
 * Listens on exact addresses inside a learner's network namespace, by a helper that lives for some milliseconds and hands
 * its sockets over. No relay stays behind: the sockets belong to this process, and exist for that learner alone.
 * @param helper the Node and the script it runs, both readable by the learner's uid
 */
export function listenInside(
  holder: Holder,
  helper: { readonly node: string; readonly script: string },
  addresses: readonly ListenAddress[],
): Promise<readonly ListenResult[]> {
  if (addresses.length === 0) return Promise.resolve([]);
  const { hostUid } = holder;
  const enter = ['-t', String(holder.pid), '-U', '-n', '--preserve-credentials'];
  return new Promise((resolve, reject) => {
    const results: ListenResult[] = [];
    const child = spawn('/usr/bin/nsenter', [...enter, helper.node, helper.script], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      timeout: LISTEN_MS,
      killSignal: 'SIGKILL',
      ...(hostUid !== undefined && { uid: hostUid, gid: hostUid }),
    });
    child.on('message', (entry: ListenAddress & { readonly error?: string }, socket) => {
      const { ip, port, error } = entry;
      if (socket instanceof Server) results.push({ ip, port, socket: refusing(socket) });
      else if (socket instanceof UdpSocket) results.push({ ip, port, udp: socket });
      else results.push({ ip, port, error: error ?? 'no socket came' });
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (results.length === addresses.length) {
        for (const result of results)
          if ('socket' in result) result.socket.off('connection', reset);
        resolve(results);
        return;
      }
      for (const result of results) closeSocket(result);
      const how = signal === null ? `with status ${code ?? 'unknown'}` : `by ${signal}`;
      reject(new Error(`Cannot listen inside the sandbox: the helper ended ${how}`));
    });
    child.send([...addresses], (error) => void (error && reject(error)));
  });
}

/** Nobody will answer there. */
function closeSocket(result: ListenResult): void {
  if ('socket' in result) result.socket.close();
  if ('udp' in result) result.udp.close();
}

/**
 * A socket listens from the moment it is made. Who connects before somebody answers there is reset, as by a program that is
 * starting, and not left to hang.
 */
export function refusing(socket: Server): Server {
  return socket.on('connection', reset);
}

function reset(connection: Socket): void {
  connection.resetAndDestroy();
}
