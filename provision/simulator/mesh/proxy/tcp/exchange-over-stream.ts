import type { Duplex } from 'node:stream';

import { streamPair } from '../../../net/byte-stream.ts';
import { exchange } from '../../../net/http-client.ts';
import type { HttpRequest, HttpResponse } from '../../../net/http.ts';
import { NetworkError } from '../../../net/network.ts';

/**
 * Sends a request as bytes where the proxy sees nothing but bytes: `open` is given the far end of the stream. Rejects with a
 * `NetworkError` when that breaks off.
 */
export async function exchangeOverStream(
  request: HttpRequest,
  open: (connection: Duplex) => void,
): Promise<HttpResponse> {
  const [near, far] = streamPair();
  near.on('error', () => undefined);
  open(far);
  try {
    return await exchange(near, request, 'http/1.1');
  } catch (cause) {
    request.signal?.throwIfAborted();
    // The program was connected to the proxy, and sees that connection end.
    throw new NetworkError('ECONNRESET', 'Connection reset by peer', { cause });
  } finally {
    near.destroy();
  }
}
