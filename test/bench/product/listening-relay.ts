import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Passes bytes on between a client and a server, and knows how long the client has waited for the server. */
export interface ListeningRelay extends AsyncDisposable {
  readonly port: number;
  /** Time in which the last word was the client's, in milliseconds, since the last call. */
  takeWaitedMs(): number;
}

/** Relays to a port of 127.0.0.1. Encrypted or not is no matter: who waits for whom shows in the order of the bytes. */
export async function startRelay(targetPort: number): Promise<ListeningRelay> {
  let waitedMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    let askedMs: number | undefined;
    client.on('data', (data) => {
      askedMs = performance.now();
      target.write(data);
    });
    target.on('data', (data) => {
      if (askedMs !== undefined) waitedMs += performance.now() - askedMs;
      askedMs = undefined;
      client.write(data);
    });
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    takeWaitedMs() {
      const taken = waitedMs;
      waitedMs = 0;
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
