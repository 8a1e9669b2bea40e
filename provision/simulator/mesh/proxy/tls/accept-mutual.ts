import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

import { resetStream } from '../../../net/byte-stream.ts';
import { namesOf } from '../../../net/certificate-facts.ts';
import { acceptTls } from '../../../net/tls-server.ts';
import type { ShownCertificate } from '../security/workload-certificate.ts';

/** A connection whose client has shown a certificate of the mesh. */
export interface Accepted {
  readonly secure: TLSSocket;
  /** SPIFFE id of the client. */
  readonly identity: string;
}

/**
 * The server's side of the mesh's mutual TLS, in bytes; undefined, with the connection gone, for a client without a certificate of
 * the mesh.
 */
export async function acceptMutualTls(
  connection: Duplex,
  { chain, key, root }: ShownCertificate,
): Promise<Accepted | undefined> {
  try {
    const secure = await acceptTls(connection, {
      cert: chain,
      key,
      ca: root,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['istio-peer-exchange', 'h2', 'http/1.1'],
    });
    const certificate = secure.getPeerX509Certificate();
    const identity = certificate && namesOf(certificate).find((name) => name.startsWith('spiffe:'));
    if (identity !== undefined) return { secure, identity };
    secure.destroy();
  } catch {
    // The client hears from TLS itself what is wrong.
    if (!connection.writableEnded) resetStream(connection);
  }
  return undefined;
}
