import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer, type RawData, type WebSocket } from 'ws';

import { badRequest } from '../errors.ts';

/**
 * Completes a WebSocket handshake with the first of `protocols` that the client offers.
 * @throws ApiError 400 when there is none
 */
export function acceptWebSocket(
  upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  protocols: readonly string[],
): Promise<WebSocket> {
  const offered = (upgrade.request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/);
  const protocol = protocols.find((one) => offered.includes(one));
  if (protocol === undefined) {
    throw badRequest(`unable to upgrade: none of the subprotocols is known: ${offered.join(', ')}`);
  }
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  // The library takes a slash for an error (RFC 6455 does), but `SPDY/3.1+portforward.k8s.io` is what kubectl says.
  delete upgrade.request.headers['sec-websocket-protocol'];
  server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  return new Promise((resolve) => {
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (connection) => {
      connection.on('error', () => connection.terminate());
      resolve(connection);
    });
  });
}

/** Sends a message and waits until it is handed on, so that a fast sender cannot fill the memory. */
export function sendMessage(connection: WebSocket, data: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (connection.readyState !== connection.OPEN) resolve();
    // A connection that broke is noticed by its close.
    else connection.send(data, () => resolve());
  });
}

/** A message's bytes. */
export function messageBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
