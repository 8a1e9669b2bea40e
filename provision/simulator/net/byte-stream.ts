import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { NetworkError } from './network.ts';

/** Breaks a byte stream off, so that the other side sees a reset and no orderly end. */
export function resetStream(connection: Duplex): void {
  // Told to the other side alone: on this one nobody has to hear of it.
  connection.on('error', () => undefined);
  if (connection instanceof Socket) connection.resetAndDestroy();
  else connection.destroy(new NetworkError('ECONNRESET', 'Connection reset by peer'));
}
