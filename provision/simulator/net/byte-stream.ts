import { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { NetworkError } from './network.ts';

/**
 * The two ends of a byte stream in memory. Each side's end is the other's; a side that is closed altogether closes the other, once
 * that has read what came before, as a socket does whose peer is no longer there.
 */
export function streamPair(): readonly [Duplex, Duplex] {
  const [near, far] = duplexPair();
  closeAfter(near, far);
  closeAfter(far, near);
  return [near, far];
}

function closeAfter(first: Duplex, other: Duplex): void {
  first.once('close', () => {
    if (other.readableEnded) other.destroy();
    else other.once('end', () => other.destroy());
  });
}

/** Breaks a byte stream off, so that the other side sees a reset and no orderly end. */
export function resetStream(connection: Duplex): void {
  // Told to the other side alone: on this one nobody has to hear of it.
  connection.on('error', () => undefined);
  if (connection instanceof TLSSocket) connection.destroy();
  else if (connection instanceof Socket) connection.resetAndDestroy();
  else connection.destroy(new NetworkError('ECONNRESET', 'Connection reset by peer'));
}
