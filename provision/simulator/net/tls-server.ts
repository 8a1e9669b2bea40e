import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';

import { DeferredStream } from './deferred-stream.ts';

/**
 * The server's side of TLS on a byte stream: settles with the decrypted stream when the handshake is over, and rejects, with
 * the stream gone, when it cannot be finished. The options are those of Node's `tls.createServer`.
 */
export function acceptTls(given: Duplex, options: TlsOptions): Promise<TLSSocket> {
  // One for each connection: Node tells which decrypted stream belongs to which connection in no other way.
  const server = createServer(options);
  const connection = given instanceof Socket ? given : new DeferredStream(given);
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new Error('The client has gone before TLS was agreed on'));
    connection.once('close', onClose);
    server.once('secureConnection', (secure) => {
      connection.off('close', onClose);
      secure.on('error', () => secure.destroy());
      connection.once('close', () => secure.destroy());
      resolve(secure);
    });
    server.once('tlsClientError', (error) => {
      // What OpenSSL has to say to the client is not written yet.
      setImmediate(() => connection.end());
      reject(error);
    });
    server.emit('connection', connection);
  });
}
