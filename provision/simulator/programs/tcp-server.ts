import type { Duplex } from 'node:stream';

import type { Caller } from '../net/http.ts';
import type { NetworkInterface } from '../net/network.ts';

/** Takes connections on a port; disposing of it ends those that are open. */
export function listenTcp(
  network: NetworkInterface,
  port: number,
  serve: (connection: Duplex, peer: Caller) => void,
): Disposable {
  const open = new Set<Duplex>();
  const listening = network.listen(port, {
    type: 'tcp',
    accept(connection, peer) {
      open.add(connection);
      connection.once('close', () => open.delete(connection));
      connection.on('error', () => connection.destroy());
      serve(connection, peer);
    },
  });
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      for (const connection of open) connection.destroy();
    },
  };
}
