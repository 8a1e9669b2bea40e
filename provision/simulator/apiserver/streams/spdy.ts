import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { badRequest } from '../errors.ts';
import { SpdyConnection, type SpdyStream } from '../spdy/connection.ts';

/** Whether the request wants to speak SPDY on its connection, as kubectl 1.30 and older do. */
export function isSpdy(request: IncomingMessage): boolean {
  return (request.headers.upgrade ?? '').toLowerCase() === 'spdy/3.1';
}

/**
 * Switches a connection to SPDY/3.1; each stream that the client opens is handed to `onStream`.
 * @throws ApiError 400 when the client does not offer `protocol`
 */
export function acceptSpdy(
  upgrade: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  protocol: string,
  onStream: (stream: SpdyStream) => void,
): void {
  const { request, socket, head } = upgrade;
  const offered = [request.headers['x-stream-protocol-version'] ?? []].flat().join(',');
  if (!offered.split(/\s*,\s*/).includes(protocol)) {
    throw badRequest(`unable to upgrade: the stream protocol ${protocol} is not offered`);
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  const connection = new SpdyConnection((bytes) => write(socket, bytes), onStream);
  socket.on('data', (bytes: Buffer) => connection.receive(bytes));
  socket.on('close', () => connection.destroy());
  socket.on('end', () => socket.end());
  connection.receive(head);
}

/** Waits until the bytes are handed on; a connection that broke is noticed by its close. */
function write(socket: Duplex, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.writable) socket.write(bytes, () => resolve());
    else resolve();
  });
}
