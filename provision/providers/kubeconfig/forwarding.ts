import { connect, type Server, type Socket } from 'node:net';

import { CONNECT_MS, CONNECTIONS_PER_ADDRESS } from './limits.ts';

/**
 * Passes what comes on a listening socket on to one address of the world outside, byte by byte, and no faster than either
 * side reads. Disposing of it closes the socket and its connections.
 */
export function forwardTo(
  target: { readonly host: string; readonly port: number },
  server: Server,
): Disposable {
  const open = new Set<Socket>();
  server.maxConnections = CONNECTIONS_PER_ADDRESS;
  // Whoever held the socket until now has refused what came.
  server.removeAllListeners('connection');
  server.on('connection', (near) => {
    // Each side may end its half and still want to hear.
    near.allowHalfOpen = true;
    const far = connect({ ...target, allowHalfOpen: true });
    for (const one of [near, far]) {
      open.add(one);
      one.setNoDelay(true);
      one.once('close', () => open.delete(one));
    }
    far.setTimeout(CONNECT_MS, () => far.destroy());
    far.once('connect', () => {
      far.setTimeout(0);
      near.pipe(far);
      far.pipe(near);
    });
    far.on('error', () => undefined);
    near.on('error', () => undefined);
    // What is refused there is refused here, and what breaks there breaks here.
    far.once('close', (isBroken) => {
      if (isBroken || !far.readableEnded) near.resetAndDestroy();
    });
    near.once('close', (isBroken) => {
      if (isBroken || !near.readableEnded) far.destroy();
    });
  });
  return {
    [Symbol.dispose]() {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}
