/** Forwarded ports of one pod over SPDY (Kubernetes documentation, "Use Port Forwarding to Access Applications"). */
import type { Duplex } from 'node:stream';

import type { Clock } from '../../clock.ts';
import { SpdyConnection } from '../spdy/connection.ts';
import type { SpdyStream } from '../spdy/stream.ts';
import { acceptSpdy } from './spdy.ts';
import { acceptWebSocket, readMessages, sendMessage, type UpgradeRequest } from './websocket.ts';

/** Opens a byte stream to a port of the pod; rejects in the words that stand on the error stream. */
export type OpenPort = (port: number) => Promise<Duplex>;

const SPDY_PROTOCOL = 'portforward.k8s.io';
/** SPDY/3.1 inside the binary messages of a WebSocket, as kubectl speaks it since 1.31. */
export const TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';

/** Forwards over a connection that is switched to SPDY, as kubectl 1.30 and older ask for it. */
export function forwardOverSpdy(upgrade: UpgradeRequest, open: OpenPort, clock: Clock): void {
  const forwarder = new Forwarder(open);
  acceptSpdy(upgrade, {
    protocols: [SPDY_PROTOCOL],
    clock,
    onStream: (stream) => forwarder.take(stream),
  });
}

/** Forwards over SPDY that is tunnelled through a WebSocket. */
export async function forwardThroughTunnel(
  upgrade: UpgradeRequest,
  open: OpenPort,
  clock: Clock,
): Promise<void> {
  const { connection } = await acceptWebSocket(upgrade, [TUNNEL_PROTOCOL]);
  const forwarder = new Forwarder(open);
  const spdy = new SpdyConnection({
    send: (bytes) => sendMessage(connection, bytes),
    onStream: (stream) => forwarder.take(stream),
    onEnd: () => connection.close(1000),
  });
  readMessages(connection, {
    clock,
    onMessage: (bytes) => spdy.receive(bytes),
    onClose: () => spdy.destroy(),
  });
}

/** Each forwarded connection is an error stream and a data stream with the same requestID header. */
class Forwarder {
  readonly #open: OpenPort;
  readonly #errors = new Map<string, SpdyStream>();

  constructor(open: OpenPort) {
    this.#open = open;
  }

  /** Takes a stream that the client opened; the data stream opens the port. */
  take(stream: SpdyStream): void {
    const { streamtype: type, port = '', requestid: id = '' } = stream.headers;
    const number = portNumber(port);
    if (number === undefined || (type !== 'error' && type !== 'data')) {
      stream.destroy();
      return;
    }
    if (type === 'error') {
      this.#errors.set(id, stream);
      stream.on('close', () => this.#errors.delete(id));
      stream.resume();
      return;
    }
    const errors = this.#errors.get(id);
    this.#errors.delete(id);
    void this.#forward(stream, number, errors);
  }

  async #forward(stream: SpdyStream, port: number, errors: SpdyStream | undefined): Promise<void> {
    try {
      await joinStreams(stream, await this.#open(port));
    } catch (error) {
      stream.resume();
      stream.end();
      errors?.write(error instanceof Error ? error.message : String(error));
    }
    errors?.end();
  }
}

function portNumber(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port > 0 && port < 65_536 ? port : undefined;
}

/** Copies both ways until both sides have ended; a side that breaks takes the other one with it. */
export function joinStreams(client: Duplex, server: Duplex): Promise<void> {
  return new Promise((resolve) => {
    let open = 2;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('end', () => {
        open -= 1;
        if (open === 0) resolve();
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        if (from.readableEnded) to.end();
        else to.destroy();
        resolve();
      });
      from.pipe(to);
    }
  });
}
