import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a browser and a server that can be cut. */
export interface CuttableProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing arrives on either side, and nobody is told: connections look alive, new ones are not answered. */
  cut(): void;
  /** Lets new connections through. Those that were cut end, as they do behind a router that has forgotten them. */
  mend(): void;
}

/** Passes bytes on to a port of 127.0.0.1. */
export async function startCuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    if (isCut) {
      client.pause();
      return;
    }
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    sockets.add(target);
    target.on('error', () => target.destroy());
    target.on('close', () => {
      sockets.delete(target);
      client.destroy();
    });
    client.on('close', () => target.destroy());
    client.pipe(target);
    target.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    mend() {
      isCut = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
