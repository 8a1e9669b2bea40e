import type { Duplex } from 'node:stream';

import { HttpBridge } from '../../../net/http-bridge.ts';
import type { Caller, HttpHandler } from '../../../net/http.ts';
import { serveHttp2 } from '../../../net/http2-bridge.ts';

/** Longest headers of a request (Envoy's max_request_headers_kb, 60). */
const HEADERS_LIMIT_BYTES = 60 * 1024;

/** HTTP/1.1 as Envoy's codec speaks it: what it cannot read it refuses in Envoy's words. */
const envoyBridge = new HttpBridge({
  headersLimitBytes: HEADERS_LIMIT_BYTES,
  refusesHttp10: true,
  refusal: (status, reason) =>
    `HTTP/1.1 ${status} ${reason}\r\ncontent-length: ${reason.length}\r\ncontent-type: text/plain\r\n` +
    `server: istio-envoy\r\nconnection: close\r\n\r\n${reason}`,
});

/** Speaks HTTP on a byte stream and hands each request to the handler. */
export function serveHttp(
  connection: Duplex,
  peer: Caller,
  { protocol, handle }: { readonly protocol: 'http/1.1' | 'h2'; readonly handle: HttpHandler },
): void {
  if (protocol === 'h2') serveHttp2(connection, peer, handle);
  else envoyBridge.accept(connection, peer, handle);
}
