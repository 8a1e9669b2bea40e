import { exchange } from '../../../net/http-client.ts';
import type { HttpRequest, HttpResponse, Peer } from '../../../net/http.ts';
import { NetworkError, type NetworkInterface } from '../../../net/network.ts';
import type { ClientTlsSettings } from '../../istio/destination-rule.ts';
import { hostOf } from '../http/virtual-hosts.ts';
import type { MaterialSource } from './material.ts';
import { originateTls } from './originate.ts';

/** Where a request goes in TLS that the proxy starts itself. */
export interface SecureDelivery {
  readonly endpoint: Peer;
  readonly settings: ClientTlsSettings;
  readonly network: NetworkInterface;
  readonly material: MaterialSource;
}

/**
 * Sends a request to an endpoint in TLS (a DestinationRule's SIMPLE and MUTUAL), in HTTP/1.1. Rejects with a `NetworkError`; with a
 * `TlsFailure` when TLS cannot be agreed on.
 */
export async function deliverSecurely(
  request: HttpRequest,
  { endpoint, settings, network, material }: SecureDelivery,
): Promise<HttpResponse> {
  const connection = await network.open(endpoint, {}, request.signal);
  connection.on('error', () => undefined);
  const origination = {
    settings,
    host: hostOf(request.authority),
    namespace: network.namespace,
    protocols: ['http/1.1'],
  };
  const secure = await originateTls(connection, origination, material);
  try {
    return await exchange(secure, request, 'http/1.1');
  } catch (cause) {
    request.signal?.throwIfAborted();
    throw new NetworkError('ECONNRESET', 'The endpoint has broken off', { cause });
  } finally {
    secure.destroy();
    connection.destroy();
  }
}
