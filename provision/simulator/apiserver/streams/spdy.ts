import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { ApiError } from '../../client/api-error.ts';
import type { Clock } from '../../clock.ts';
import { badRequest } from '../errors.ts';
import { STREAM_IDLE_LIMIT_MS } from '../limits.ts';
import { SpdyConnection } from '../spdy/connection.ts';
import type { SpdyStream } from '../spdy/stream.ts';
import { IdleWatch } from './idle.ts';
import type { UpgradeRequest } from './websocket.ts';

/** Whether the request wants to speak SPDY on its connection, as kubectl 1.29 and older do. */
export function isSpdy({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').toLowerCase() === 'spdy/3.1';
}

export interface SpdyServer {
  /** Stream protocols, the best first. */
  readonly protocols: readonly string[];
  readonly clock: Clock;
  readonly onStream: (stream: SpdyStream) => void;
  readonly onEnd?: () => void;
}

/** A connection that speaks SPDY now. */
export interface SpdyCarrier {
  readonly protocol: string;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  /** Ends the connection when everything written has been sent. */
  close(): void;
}

/**
 * Switches a connection to SPDY/3.1; each stream that the client opens is handed to `onStream`.
 * @throws ApiError 400 when the client names no stream protocol, 403 when none of them is known
 */
export function acceptSpdy(upgrade: UpgradeRequest, server: SpdyServer): SpdyCarrier {
  const { request, socket, head } = upgrade;
  const protocol = agreedProtocol(request, server.protocols);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  const gone = new AbortController();
  const spdy = new SpdyConnection({
    send: (bytes) => write(socket, bytes),
    onStream: server.onStream,
    onEnd: () => {
      gone.abort();
      socket.end();
      server.onEnd?.();
    },
  });
  const idle = new IdleWatch(server.clock, STREAM_IDLE_LIMIT_MS, () => spdy.destroy());
  const receive = async (bytes: Buffer) => {
    idle.touch();
    socket.pause();
    await spdy.receive(bytes);
    socket.resume();
  };
  socket.on('data', (bytes: Buffer) => void receive(bytes));
  socket.on('end', () => spdy.destroy());
  socket.on('close', () => {
    idle[Symbol.dispose]();
    spdy.destroy();
  });
  void receive(head);
  return { protocol, gone: gone.signal, close: () => socket.end() };
}

function agreedProtocol(request: IncomingMessage, known: readonly string[]): string {
  const offered = [request.headers['x-stream-protocol-version'] ?? []]
    .flat()
    .flatMap((value) => value.split(/\s*,\s*/));
  if (offered.length === 0)
    throw badRequest('unable to upgrade: X-Stream-Protocol-Version is required');
  const protocol = offered.find((one) => known.includes(one));
  if (protocol !== undefined) return protocol;
  throw new ApiError(
    403,
    'Forbidden',
    `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${known.join(' ')}]`,
  );
}

/** Waits until the bytes are handed on; a connection that broke is noticed by its close. */
function write(socket: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (!socket.writable) {
      resolve();
      return;
    }
    const done = () => {
      socket.off('close', done);
      resolve();
    };
    socket.on('close', done);
    socket.write(bytes, done);
  });
}
