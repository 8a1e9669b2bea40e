import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type RawData, type WebSocket } from 'ws';

import { ApiError } from '../../client/api-error.ts';
import type { Clock } from '../../clock.ts';
import {
  STREAM_IDLE_LIMIT_MS,
  WEBSOCKET_BACKLOG_LIMIT_BYTES,
  WEBSOCKET_MESSAGE_LIMIT_BYTES,
} from '../limits.ts';
import { IdleWatch } from './idle.ts';

/** A request to switch to WebSocket or SPDY. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Whether the request wants a WebSocket. */
export function isWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').toLowerCase() === 'websocket';
}

/** The subprotocols that a client offers, in its order. */
export function offeredProtocols({ headers }: IncomingMessage): readonly string[] {
  const text = headers['sec-websocket-protocol'] ?? '';
  return text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

/**
 * Completes a WebSocket handshake with the first offered protocol that is among `known`; a client that offers none
 * gets none when `known` has the empty one.
 * @throws ApiError 400 when nothing fits, or when the request is no handshake of RFC 6455
 */
export async function acceptWebSocket(
  upgrade: UpgradeRequest,
  known: readonly string[],
): Promise<{ readonly connection: WebSocket; readonly protocol: string }> {
  const { request } = upgrade;
  const offered = offeredProtocols(request);
  const protocol = [...offered, ...(offered.length === 0 ? [''] : [])].find((one) =>
    known.includes(one),
  );
  if (protocol === undefined) {
    throw new ApiError(
      403,
      'Forbidden',
      `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(' ')}], server accepts [${known.join(' ')}]`,
    );
  }
  return { connection: await shakeHands(upgrade, protocol), protocol };
}

function shakeHands(upgrade: UpgradeRequest, protocol: string): Promise<WebSocket> {
  const { request, socket, head } = upgrade;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: WEBSOCKET_MESSAGE_LIMIT_BYTES,
  });
  // The library takes a slash for an error (RFC 6455 does), but `SPDY/3.1+portforward.k8s.io` is what kubectl says.
  delete request.headers['sec-websocket-protocol'];
  if (protocol !== '') {
    server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  }
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  server.on('wsClientError', (error) =>
    reject(new ApiError(400, 'BadRequest', `unable to upgrade: ${error.message}`)),
  );
  server.handleUpgrade(request, socket, head, (connection) => {
    connection.on('error', () => connection.terminate());
    resolve(connection);
  });
  return promise;
}

export interface MessageReader {
  /** Takes one message; the next comes when the promise has settled. */
  readonly onMessage: (bytes: Buffer) => Promise<void> | void;
  readonly onClose: () => void;
  readonly clock: Clock;
}

/** Reads a connection's messages one after the other; holds the sender back while its reader is behind. */
export function readMessages(connection: WebSocket, reader: MessageReader): void {
  const idle = new IdleWatch(reader.clock, STREAM_IDLE_LIMIT_MS, () => connection.close(1000));
  let waiting: Promise<void> = Promise.resolve();
  let backlogBytes = 0;
  const handle = async (bytes: Buffer) => {
    await reader.onMessage(bytes);
    backlogBytes -= bytes.length;
    if (backlogBytes <= WEBSOCKET_BACKLOG_LIMIT_BYTES && connection.isPaused) connection.resume();
  };
  connection.on('message', (data) => {
    idle.touch();
    const bytes = messageBytes(data);
    backlogBytes += bytes.length;
    waiting = waiting.then(() => handle(bytes)).catch(() => connection.terminate());
    if (backlogBytes > WEBSOCKET_BACKLOG_LIMIT_BYTES) connection.pause();
  });
  connection.on('close', () => {
    idle[Symbol.dispose]();
    reader.onClose();
  });
}

/** Sends a message and waits until it is handed on, so that a fast sender cannot fill the memory. */
export function sendMessage(connection: WebSocket, data: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => {
    if (connection.readyState !== connection.OPEN) resolve();
    // A connection that broke is noticed by its close.
    else connection.send(data, () => resolve());
  });
}

function messageBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
