import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';

import type { Caller, HttpHandler, HttpHeaders } from './http.ts';
import { BODY_BYTES } from './limits.ts';
import { NetworkError } from './network.ts';
import { readWhole } from './read-whole.ts';
import { headersOfHttp2, HOP_HEADERS } from './wire-headers.ts';

/**
 * Serves one byte stream in HTTP/2 (prior knowledge, or agreed on by ALPN) until either side ends it: each stream is a
 * request for the handler.
 */
export function serveHttp2(connection: Duplex, peer: Caller, handle: HttpHandler): void {
  const session = performServerHandshake(connection);
  // A client that breaks the protocol is cut off by the session itself.
  session.on('error', () => session.destroy());
  connection.once('close', () => session.destroy());
  session.on('stream', (stream, headers) => {
    void answer(stream, headers, (request) => handle(request, peer));
  });
}

type Answer = (request: Parameters<HttpHandler>[0]) => ReturnType<HttpHandler>;

async function answer(
  stream: ServerHttp2Stream,
  received: IncomingHttpHeaders,
  respond: Answer,
): Promise<void> {
  const gone = new AbortController();
  stream.on('error', () => undefined);
  stream.once('close', () => gone.abort());
  try {
    const body = await readWhole(stream, BODY_BYTES);
    if (!body) {
      stream.respond({ ':status': 413 }, { endStream: true });
      return;
    }
    const method = received[':method'] ?? 'GET';
    const headers = headersOfHttp2(received);
    headers.delete('host');
    const response = await respond({
      method,
      path: received[':path'] ?? '/',
      authority: received[':authority'] ?? received.host ?? '',
      headers,
      body,
      signal: gone.signal,
    });
    if (stream.destroyed) return;
    stream.respond({ ':status': response.status, ...answerHeaders(response.headers) });
    stream.end(method === 'HEAD' ? undefined : response.body);
  } catch (error) {
    if (!(error instanceof NetworkError) && !gone.signal.aborted && !stream.headersSent) {
      stream.respond({ ':status': 500 }, { endStream: true });
    } else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}

function answerHeaders(headers: HttpHeaders): Record<string, string[]> {
  const sent: Record<string, string[]> = {};
  for (const [name, value] of headers) if (!HOP_HEADERS.has(name)) (sent[name] ??= []).push(value);
  return sent;
}
